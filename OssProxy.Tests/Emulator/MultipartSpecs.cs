using System.Text;
using System.Xml.Linq;

namespace OssProxy.Tests.Emulator;

public sealed class MultipartSpecs : EmulatorSpecs
{
    [Fact]
    public async Task Parts_in_any_order_with_gaps_become_one_object()
    {
        var id = await InitiateAsync("/photos/big%20one", ("Content-Type", "video/mp4"), ("x-oss-meta-a", "1"));
        var third = await PartAsync("/photos/big%20one", 30, id, "89");
        var first = await PartAsync("/photos/big%20one", 1, id, "old!");
        first = await PartAsync("/photos/big%20one", 1, id, "1234");
        var second = await PartAsync("/photos/big%20one", 7, id, "5 6 7 ");

        var listed = (await Client.GetAsync($"/photos/big%20one?max-parts=2&uploadId={id}")).Xml;
        listed.Elements("Part").Select(p => p.Element("PartNumber")!.Value).Should().Equal("1", "7");
        (listed.Element("IsTruncated")!.Value, listed.Element("NextPartNumberMarker")!.Value).Should().Be(("true", "7"));
        listed = (await Client.GetAsync($"/photos/big%20one?part-number-marker=7&uploadId={id}")).Xml;
        listed.Elements("Part").Single().Element("Size")!.Value.Should().Be("2");

        var done = await CompleteAsync("/photos/big%20one", id, (1, first), (7, second), (30, third));
        done.Status.Should().Be(200);
        done["ETag"].Should().MatchRegex("^\"[0-9A-F]{32}-3\"$");
        done.Xml.Element("Location")!.Value.Should().EndWith("/photos/big%20one");

        var got = await Client.GetAsync("/photos/big%20one");
        (got.Text, got["Content-Type"], got["x-oss-meta-a"], got["x-oss-object-type"], got["Content-MD5"]).Should().Be(("12345 6 7 89", "video/mp4", "1", "Multipart", null));
        got["x-oss-hash-crc64ecma"].Should().Be(done["x-oss-hash-crc64ecma"]).And.Be((await Client.PutAsync("/photos/same", "12345 6 7 89"))["x-oss-hash-crc64ecma"]);

        // A retry after a lost reply finds the upload gone.
        (await CompleteAsync("/photos/big%20one", id, (1, first))).Code.Should().Be("NoSuchUpload");
    }

    [Fact]
    public async Task Rules_of_completion_are_checked_at_completion()
    {
        var id = await InitiateAsync("/photos/rules");
        var small = await PartAsync("/photos/rules", 1, id, "abc");
        var last = await PartAsync("/photos/rules", 2, id, "d");
        (await CompleteAsync("/photos/rules", id, (1, small), (2, last))).Code.Should().Be("EntityTooSmall");
        (await CompleteAsync("/photos/rules", id, (2, last), (1, small))).Code.Should().Be("InvalidPartOrder");
        var unknown = await CompleteAsync("/photos/rules", id, (1, last));
        (unknown.Code, unknown.Xml.Element("PartNumber")!.Value, unknown.Xml.Element("UploadId")!.Value).Should().Be(("InvalidPart", "1", id));
        (await CompleteAsync("/photos/rules", id)).Xml.Element("EC")!.Value.Should().Be("0042-00000205");
        (await Client.SendAsync("POST", $"/photos/rules?uploadId={id}", "<not xml"u8.ToArray())).Code.Should().Be("MalformedXML");
        (await CompleteAsync("/photos/rules", id, (2, last))).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("x")]
    public async Task Part_numbers_run_from_1_to_10000(string number)
    {
        var id = await InitiateAsync("/photos/numbers");
        var reply = await Client.PutAsync($"/photos/numbers?partNumber={number}&uploadId={id}", "x");
        (reply.Code, reply["x-oss-ec"], reply.Xml.Element("ArgumentName")!.Value).Should().Be(("InvalidArgument", "0017-00000220", "PartNumber"));
        (await Client.PutAsync($"/photos/numbers?uploadId={id}", "x")).Xml.Element("EC")!.Value.Should().Be("0017-00000219");
    }

    [Fact]
    public async Task Complete_all_takes_what_is_there_and_no_list_beside_it()
    {
        var id = await InitiateAsync("/photos/all");
        var etag = await PartAsync("/photos/all", 2, id, "world");
        await PartAsync("/photos/all", 1, id, "hello ");
        var both = await Client.SendAsync("POST", $"/photos/all?uploadId={id}", List((2, etag)), ("x-oss-complete-all", "yes"));
        (both.Code, both["x-oss-ec"]).Should().Be(("InvalidArgument", "0042-00000216"));
        (await Client.SendAsync("POST", $"/photos/all?uploadId={id}", [], ("x-oss-complete-all", "yes"))).Status.Should().Be(200);
        (await Client.GetAsync("/photos/all")).Text.Should().Be("hello world");
    }

    [Fact]
    public async Task An_aborted_upload_is_gone_with_its_bytes()
    {
        var id = await InitiateAsync("/photos/abort");
        await PartAsync("/photos/abort", 1, id, "some bytes");
        (await Client.SendAsync("DELETE", "/photos/", null)).Code.Should().Be("BucketNotEmpty");
        (await Client.SendAsync("DELETE", $"/photos/abort?uploadId={id}", null)).Status.Should().Be(204);
        (await Client.SendAsync("DELETE", $"/photos/abort?uploadId={id}", null)).Code.Should().Be("NoSuchUpload");
        (await Client.PutAsync($"/photos/abort?partNumber=1&uploadId={id}", "x"))["x-oss-ec"].Should().Be("0017-00000244");
        Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Should().OnlyContain(f => Path.GetFileName(f) == ".lock" || Path.GetFileName(f) == "bucket.json");
    }

    [Fact]
    public async Task Forbidding_to_overwrite_counts_at_both_ends()
    {
        var id = await InitiateAsync("/photos/forbid", ("x-oss-forbid-overwrite", "true"));
        var part = await PartAsync("/photos/forbid", 1, id, "late");
        await Client.PutAsync("/photos/forbid", "early");
        (await CompleteAsync("/photos/forbid", id, (1, part))).Code.Should().Be("FileAlreadyExists");
        (await Client.SendAsync("POST", "/photos/forbid?uploads", [], ("x-oss-forbid-overwrite", "true"))).Code.Should().Be("FileAlreadyExists");
        (await Client.GetAsync("/photos/forbid")).Text.Should().Be("early");
    }

    [Fact]
    public async Task A_part_may_be_copied_from_a_range_of_an_object()
    {
        await Client.PutAsync("/photos/source", "0123456789");
        var id = await InitiateAsync("/photos/target");
        var copied = await Client.SendAsync("PUT", $"/photos/target?partNumber=1&uploadId={id}", [], ("x-oss-copy-source", "/photos/source"), ("x-oss-copy-source-range", "bytes=2-6"));
        copied.Xml.Name.LocalName.Should().Be("CopyPartResult");
        await CompleteAsync("/photos/target", id, (1, copied.Xml.Element("ETag")!.Value));
        (await Client.GetAsync("/photos/target")).Text.Should().Be("23456");
    }

    [Fact]
    public async Task Uploads_are_listed_by_key_and_id_page_by_page()
    {
        var ids = new List<string>();
        foreach (var key in new[] { "x", "x", "y/p", "y/q", "z" })
            ids.Add(await InitiateAsync("/photos/" + key));

        var (seen, keyMarker, idMarker) = (new List<string>(), "", "");
        for (var pages = 0; pages < 9; pages++)
        {
            var page = (await Client.GetAsync($"/photos/?key-marker={keyMarker}&max-uploads=2&upload-id-marker={idMarker}&uploads".Replace("key-marker=&", "", StringComparison.Ordinal).Replace("&upload-id-marker=&", "&", StringComparison.Ordinal))).Xml;
            seen.AddRange(page.Elements("Upload").Select(u => u.Element("UploadId")!.Value));
            (keyMarker, idMarker) = (Uri.EscapeDataString(page.Element("NextKeyMarker")!.Value), page.Element("NextUploadIdMarker")!.Value);
            if (page.Element("IsTruncated")!.Value == "false")
                break;
        }

        seen.Should().BeEquivalentTo(ids).And.OnlyHaveUniqueItems();
        var grouped = (await Client.GetAsync("/photos/?delimiter=%2F&uploads")).Xml;
        grouped.Elements("Upload").Select(u => u.Element("Key")!.Value).Should().Equal("x", "x", "z");
        grouped.Element("CommonPrefixes")!.Element("Prefix")!.Value.Should().Be("y/");

        // An id may hold any hex digit; only keys are grouped.
        (await Client.GetAsync("/photos/?delimiter=" + ids[0][^1] + "&uploads")).Xml.Elements("Upload").Should().HaveCount(5);
    }

    private async Task<string> InitiateAsync(string target, params (string Name, string Value)[] headers)
    {
        var reply = await Client.SendAsync("POST", target + "?uploads", [], headers);
        reply.Status.Should().Be(200, reply.Text);
        return reply.Xml.Element("UploadId")!.Value;
    }

    private async Task<string> PartAsync(string target, int number, string id, string body)
    {
        var reply = await Client.PutAsync($"{target}?partNumber={number}&uploadId={id}", body);
        reply.Status.Should().Be(200, reply.Text);
        return reply["ETag"]!;
    }

    private Task<WireReply> CompleteAsync(string target, string id, params (int Number, string ETag)[] parts) =>
        Client.SendAsync("POST", $"{target}?uploadId={id}", List(parts));

    private static byte[] List(params (int Number, string ETag)[] parts) => Encoding.UTF8.GetBytes(new XElement(
        "CompleteMultipartUpload",
        parts.Select(p => new XElement("Part", new XElement("PartNumber", p.Number), new XElement("ETag", p.ETag)))).ToString());
}
