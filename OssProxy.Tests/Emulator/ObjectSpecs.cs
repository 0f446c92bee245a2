using System.Globalization;
using System.IO.Compression;
using System.Text;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

public sealed class ObjectSpecs : EmulatorSpecs
{
    [Theory]
    [InlineData((int)Signing.V4)]
    [InlineData((int)Signing.V1)]
    public async Task An_object_comes_back_as_it_was_put(int signing)
    {
        var put = await Client.SendAsync("PUT", "/photos/a%2Bb%20c.txt", "123456789"u8.ToArray(), (Signing)signing,
            ("Content-Type", "text/plain"), ("X-Oss-Meta-Author", "alice"), ("Cache-Control", "max-age=60"), ("Content-Disposition", "inline"));
        put.Status.Should().Be(200);
        put["ETag"].Should().Be("\"25F9E794323B453885F5181F1B624D0B\"");
        put["Content-MD5"].Should().Be("JfnnlDI7RTiF9RgfG2JNCw==");
        put["x-oss-hash-crc64ecma"].Should().Be("11051210869376104954");
        put["x-oss-request-id"].Should().MatchRegex("^[0-9A-F]{24}$");
        put["Server"].Should().Be("AliyunOSS");
        put["x-oss-server-time"].Should().MatchRegex("^[0-9]+$");

        var got = await Client.SendAsync("GET", "/photos/a%2Bb%20c.txt", null, (Signing)signing);
        (got.Status, got.Text).Should().Be((200, "123456789"));
        (got["Content-Type"], got["x-oss-meta-author"], got["Cache-Control"], got["Content-Disposition"]).Should().Be(("text/plain", "alice", "max-age=60", "inline"));
        (got["x-oss-object-type"], got["Accept-Ranges"], got["x-oss-hash-crc64ecma"]).Should().Be(("Normal", "bytes", "11051210869376104954"));

        var entry = Server.Requests.Snapshot()[^1];
        (entry.Operation, entry.Bucket, entry.Key, entry.Status).Should().Be((OssOperation.GetObject, "photos", "a+b c.txt", 200));
        entry.Headers.Should().NotContainKey("authorization");
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        var put = await Client.PutAsync("/photos/empty", "");
        (put["ETag"], put["x-oss-hash-crc64ecma"]).Should().Be(("\"D41D8CD98F00B204E9800998ECF8427E\"", "0"));
        var got = await Client.GetAsync("/photos/empty");
        (got.Status, got["Content-Length"], got["Content-Type"]).Should().Be((200, "0", "application/octet-stream"));
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_taken_in_chunks()
    {
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("PUT", "/photos/chunked", Signing.V4, ("Transfer-Encoding", "chunked")));
        await connection.SendAsync("4\r\n1234\r\n5\r\n56789\r\n0\r\n\r\n");
        (await connection.ReadReplyAsync("PUT"))["x-oss-hash-crc64ecma"].Should().Be("11051210869376104954");
    }

    [Fact]
    public async Task A_body_without_framing_is_411()
    {
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("PUT", "/photos/unframed", Signing.V4));
        var reply = await connection.ReadReplyAsync("PUT");
        (reply.Status, reply.Code, reply["x-oss-ec"]).Should().Be((411, "MissingContentLength", "0017-00000101"));
    }

    [Theory]
    [InlineData("Content-MD5", "AAAA", "InvalidDigest", "0017-00000502")]
    [InlineData("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==", "InvalidDigest", "0017-00000503")]
    [InlineData("x-oss-hash-crc64ecma", "1", "InvalidCRC64", null)]
    public async Task A_body_that_is_not_what_its_digest_says_leaves_nothing(string header, string value, string code, string? errorCode)
    {
        var put = await Client.PutAsync("/photos/digest", "hello", (header, value));
        (put.Status, put.Code, put["x-oss-ec"]).Should().Be((400, code, errorCode));
        (await Client.GetAsync("/photos/digest")).Code.Should().Be("NoSuchKey");
        Blobs().Should().BeEmpty();
    }

    [Theory]
    [InlineData("If-Match", "\"x\"")]
    [InlineData("If-Modified-Since", "Tue, 04 Mar 2025 08:09:10 GMT")]
    [InlineData("x-oss-tagging", "a=b")]
    public async Task A_header_that_is_not_honoured_is_refused_by_name(string header, string value)
    {
        var put = await Client.PutAsync("/photos/conditional", "x", (header, value));
        (put.Status, put.Code, put.Xml.Element("Header")?.Value).Should().Be((501, "NotImplemented", header));
    }

    [Theory]
    [InlineData("PUT", "/photos/k?acl")]
    [InlineData("PUT", "/photos/k?tagging")]
    [InlineData("POST", "/photos/k?append&position=0")]
    [InlineData("PUT", "/photos/k?nobody-knows")]
    [InlineData("GET", "/photos/?website")]
    public async Task A_sub_resource_that_is_not_built_is_never_a_plain_read_or_write(string method, string target)
    {
        var reply = await Client.SendAsync(method, target, method == "GET" ? null : "x"u8.ToArray());
        (reply.Status, reply.Code).Should().Be((501, "NotImplemented"));
        (await Client.GetAsync("/photos/k")).Status.Should().Be(404);
    }

    [Fact]
    public async Task Metadata_beyond_eight_kilobytes_is_refused() =>
        (await Client.PutAsync("/photos/meta", "x", ("x-oss-meta-a", new string('v', 4096)), ("x-oss-meta-b", new string('v', 4096)))).Code.Should().Be("InvalidArgument");

    [Fact]
    public async Task Of_many_writers_that_forbid_overwriting_exactly_one_wins()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Client.PutAsync("/photos/once", $"writer {i}", ("x-oss-forbid-overwrite", "true"))));
        replies.Count(r => r.Status == 200).Should().Be(1);
        replies.Where(r => r.Status != 200).Should().OnlyContain(r => r.Status == 409 && r.Code == "FileAlreadyExists");
        (await Client.PutAsync("/photos/once", "x", ("x-oss-forbid-overwrite", "maybe"))).Xml.Element("EC")!.Value.Should().Be("0017-00000279");
    }

    [Fact]
    public async Task Missing_things_are_told_apart_also_for_HEAD()
    {
        var key = await Client.SendAsync("HEAD", "/photos/none", null);
        (key.Status, key.Code, key["x-oss-ec"], key.Body.Length).Should().Be((404, "NoSuchKey", "0026-00000001", 0));
        var bucket = await Client.SendAsync("HEAD", "/absent/none", null);
        (bucket.Status, bucket.Code, bucket["x-oss-ec"]).Should().Be((404, "NoSuchBucket", "0015-00000101"));
        var get = await Client.GetAsync("/photos/none");
        (get.Xml.Element("Key")!.Value, get.Xml.Element("RequestId")!.Value).Should().Be(("none", get["x-oss-request-id"]!));
        (await Client.SendAsync("DELETE", "/photos/none", null)).Status.Should().Be(204);
    }

    [Theory]
    [InlineData(null, "bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData(null, "bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData(null, "bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData(null, "bytes=5-15", 200, "0123456789", null)]
    [InlineData(null, "bytes=15-25", 200, "0123456789", null)]
    [InlineData(null, "bytes=0-1,3-4", 200, "0123456789", null)]
    [InlineData("standard", "bytes=5-15", 206, "56789", "bytes 5-9/10")]
    [InlineData("standard", "bytes=-30", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("standard", "bytes=nonsense", 200, "0123456789", null)]
    [InlineData("standard", "bytes=15-25", 416, null, null)]
    public async Task Ranges_follow_the_service_and_on_request_the_standard(string? behavior, string range, int status, string? body, string? contentRange)
    {
        await Client.PutAsync("/photos/ten", "0123456789");
        var got = await Client.GetAsync("/photos/ten", behavior is null ? [("Range", range)] : [("Range", range), ("x-oss-range-behavior", behavior)]);
        (got.Status, got["Content-Range"]).Should().Be((status, contentRange));
        if (body is not null)
            got.Text.Should().Be(body);
        else
            got.Code.Should().Be("InvalidRange");
    }

    [Fact]
    public async Task Conditions_are_honoured()
    {
        var etag = (await Client.PutAsync("/photos/cond", "hello"))["ETag"]!;
        var modified = (await Client.GetAsync("/photos/cond"))["Last-Modified"]!;
        var before = DateTimeOffset.ParseExact(modified, "r", CultureInfo.InvariantCulture).AddHours(-1).ToString("r", CultureInfo.InvariantCulture);
        async Task<int> Status(string header, string value) => (await Client.GetAsync("/photos/cond", (header, value))).Status;

        (await Status("If-Match", etag.Trim('"'))).Should().Be(200);
        (await Status("If-Match", "\"other\"")).Should().Be(412);
        (await Status("If-None-Match", etag)).Should().Be(304);
        (await Status("If-None-Match", "\"other\"")).Should().Be(200);
        (await Status("If-Modified-Since", modified)).Should().Be(304);
        (await Status("If-Modified-Since", before)).Should().Be(200);
        (await Status("If-Modified-Since", "yesterday")).Should().Be(200);
        (await Status("If-Unmodified-Since", before)).Should().Be(412);
        (await Status("If-Unmodified-Since", modified)).Should().Be(200);
    }

    [Fact]
    public async Task Response_overrides_need_a_signature()
    {
        await Client.PutAsync("/photos/o", "x");
        const string Target = "/photos/o?response-content-disposition=attachment%3B%20filename%3D%22a.txt%22&response-content-type=text%2Fhtml";
        var signed = await Client.GetAsync(Target);
        (signed["Content-Type"], signed["Content-Disposition"]).Should().Be(("text/html", "attachment; filename=\"a.txt\""));
        var anonymous = await Client.SendAsync("GET", Target, null, Signing.None);
        (anonymous.Status, anonymous.Code).Should().Be((400, "InvalidRequest"));
    }

    [Fact]
    public async Task Text_is_compressed_for_those_who_ask_and_then_has_neither_length_nor_ETag()
    {
        var text = new string('a', 5000);
        await Client.PutAsync("/photos/page", text, ("Content-Type", "text/plain; charset=utf-8"));
        var got = await Client.GetAsync("/photos/page", ("Accept-Encoding", "gzip"));
        (got["Content-Encoding"], got["Content-Length"], got["ETag"], got["Transfer-Encoding"]).Should().Be(("gzip", null, null, "chunked"));
        using var plain = new StreamReader(new GZipStream(new MemoryStream(got.Body), CompressionMode.Decompress));
        (await plain.ReadToEndAsync(WireClient.Deadline)).Should().Be(text);
    }

    [Fact]
    public async Task Meta_is_the_short_form_of_head()
    {
        await Client.PutAsync("/photos/m", "hello", ("x-oss-meta-a", "1"));
        var meta = await Client.SendAsync("HEAD", "/photos/m?objectMeta", null);
        (meta.Status, meta["Content-Length"], meta["x-oss-meta-a"]).Should().Be((200, "5", null));
        var head = await Client.SendAsync("HEAD", "/photos/m", null);
        (head.Status, head["Content-Length"], head["x-oss-meta-a"]).Should().Be((200, "5", "1"));
    }

    [Fact]
    public async Task A_copy_carries_or_replaces_what_was_said_about_the_source()
    {
        await Client.PutAsync("/photos/src%20%2B", "hello", ("Content-Type", "text/plain"), ("x-oss-meta-a", "1"));
        var copy = await Client.SendAsync("PUT", "/photos/copy", [], ("x-oss-copy-source", "/photos/src%20%2B"));
        (copy.Status, copy.Xml.Name.LocalName, copy.Xml.Element("ETag")!.Value).Should().Be((200, "CopyObjectResult", "\"5D41402ABC4B2A76B9719D911017C592\""));
        var got = await Client.GetAsync("/photos/copy");
        (got.Text, got["Content-Type"], got["x-oss-meta-a"]).Should().Be(("hello", "text/plain", "1"));

        await Client.SendAsync("PUT", "/photos/copy", [], ("x-oss-copy-source", "/photos/copy"), ("Content-Type", "text/html"));
        (await Client.GetAsync("/photos/copy"))["Content-Type"].Should().Be("text/html");
        (await Client.SendAsync("PUT", "/photos/copy", [], ("x-oss-copy-source", "photos/x"))).Code.Should().Be("InvalidArgument");
        (await Client.SendAsync("PUT", "/photos/copy", [], ("x-oss-copy-source", "/photos/none"))).Code.Should().Be("NoSuchKey");
        (await Client.SendAsync("PUT", "/photos/copy2", [], ("x-oss-copy-source", "/photos/copy"), ("x-oss-copy-source-if-match", "\"x\""))).Status.Should().Be(412);
    }

    [Fact]
    public async Task A_larger_object_than_allowed_is_refused_whether_announced_or_not()
    {
        await Server.DisposeAsync();
        var options = Options();
        options.Limits.MaxObjectBytes = 8;
        await StartAsync(options);
        (await Client.PutAsync("/photos/big", "123456789")).Code.Should().Be("EntityTooLarge");
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("PUT", "/photos/big", Signing.V4, ("Transfer-Encoding", "chunked")));
        await connection.SendAsync("9\r\n123456789\r\n0\r\n\r\n");
        (await connection.ReadReplyAsync("PUT")).Code.Should().Be("EntityTooLarge");
        Blobs().Should().BeEmpty();
    }

    [Fact]
    public async Task Expect_is_answered_only_after_the_signature_has_been_checked()
    {
        using var good = await Client.OpenAsync();
        await good.SendAsync(Client.Head("PUT", "/photos/expect", Signing.V4, ("Content-Length", "2"), ("Expect", "100-continue")));
        (await good.ReadHeadAsync()).Should().StartWith("HTTP/1.1 100");
        await good.SendAsync("ok");
        (await good.ReadReplyAsync("PUT")).Status.Should().Be(200);

        using var bad = await Client.OpenAsync();
        await bad.SendAsync(Encoding.ASCII.GetString(Client.Head("PUT", "/photos/expect", Signing.V4, ("Content-Length", "2"), ("Expect", "100-continue"))).Replace("Signature=", "Signature=0", StringComparison.Ordinal));
        (await bad.ReadHeadAsync()).Should().StartWith("HTTP/1.1 403");
    }
}
