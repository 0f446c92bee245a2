using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

public sealed class PostObjectSpecs : EmulatorSpecs
{
    private static readonly string[] Open = [WireForm.AnySize];

    public override async Task InitializeAsync()
    {
        var options = Options();
        options.Buckets.Add(new() { Name = "open", Acl = "public-read-write" });
        options.Limits.MaxFormNameBytes = 100;
        options.Limits.MaxFormValueBytes = 2000;
        options.Limits.MaxFormFieldsBytes = 6000;
        options.Credentials.Add(new()
        {
            AccessKeyId = "STS.key",
            AccessKeySecret = "sts-secret",
            SecurityToken = "token",
            ExpiresAt = TimeProvider.System.GetUtcNow().AddHours(1),
        });
        await StartAsync(options);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_signed_form_becomes_an_object_with_what_its_fields_say(bool v4)
    {
        var form = new WireForm(
            ("key", "dir/${filename}"), ("Cache-Control", "max-age=60"), ("content-disposition", "inline"), ("Expires", "Thu, 01 Jan 2032 00:00:00 GMT"),
            ("Content-Encoding", "identity"), ("x-oss-meta-Author", "爱丽丝"), ("Content-Type", "image/gif"), ("submit", "go"))
        { FileName = "图 1.txt" };
        var posted = await (v4 ? form.SignedV4("photos", Open) : form.Signed(Open)).PostAsync(Client);
        (posted.Status, posted.Body.Length, posted["ETag"]).Should().Be((204, 0, $"\"{Convert.ToHexString(MD5.HashData("hello oss"u8))}\""), posted.Text);

        var got = await Client.GetAsync("/photos/dir/" + Uri.EscapeDataString("图 1.txt"));
        (got.Status, got.Text, got["Content-Type"]).Should().Be((200, "hello oss", "text/plain"));
        (got["Cache-Control"], got["Content-Disposition"], got["Expires"], got["Content-Encoding"])
            .Should().Be(("max-age=60", "inline", "Thu, 01 Jan 2032 00:00:00 GMT", "identity"));
        got["x-oss-hash-crc64ecma"].Should().Be(posted["x-oss-hash-crc64ecma"]);

        var entry = Server.Requests.Snapshot()[0];
        (entry.Operation, entry.Key, entry.Signature).Should().Be((OssOperation.PostObject, "dir/图 1.txt", v4 ? SignatureForm.V4Form : SignatureForm.V1Form));
    }

    [Theory]
    [InlineData("200", 200)]
    [InlineData("204", 204)]
    [InlineData("201", 201)]
    [InlineData("302", 204)]
    [InlineData("", 204)]
    public async Task The_form_chooses_the_status_of_its_success(string wanted, int status)
    {
        var posted = await new WireForm(("key", "a&b"), ("success_action_status", wanted)).Signed(Open).PostAsync(Client);
        posted.Status.Should().Be(status);
        if (status == 201)
        {
            posted["Content-Type"].Should().Be("application/xml");
            posted.Text.Should().Be(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Bucket>photos</Bucket>"
                + $"<Location>{Server.Address}photos/a%26b</Location><Key>a&amp;b</Key><ETag>{posted["ETag"]!.Replace("\"", "&quot;", StringComparison.Ordinal)}</ETag></PostResponse>");
        }
        else
        {
            posted.Body.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_redirect_comes_before_the_status_and_only_after_success()
    {
        var form = new WireForm(("key", "r"), ("success_action_status", "201"), ("success_action_redirect", "https://app.example/done?a=1"));
        var posted = await form.Signed(Open).PostAsync(Client);
        (posted.Status, posted["Location"]).Should().Be((303, "https://app.example/done?a=1"));
        (await form.Signed("""["eq","$key","other"]""").PostAsync(Client)).Status.Should().Be(403);
        (await form.Changed("success_action_redirect", "javascript:alert(1)").Signed(Open).PostAsync(Client)).Code.Should().Be("InvalidArgument");
    }

    [Theory]
    [InlineData("image/png", "text/plain", "image/gif", "image/png")]
    [InlineData(null, "text/plain", "image/gif", "text/plain")]
    [InlineData(null, null, "image/gif", "image/gif")]
    [InlineData(null, null, null, "application/octet-stream")]
    public async Task The_content_type_comes_from_the_first_place_that_names_one(string? field, string? part, string? plain, string expected)
    {
        var form = new WireForm(("key", "t"), ("x-oss-content-type", field ?? ""), ("Content-Type", plain ?? "")) { FileType = part };
        form = field is null ? form.Changed("x-oss-content-type", null) : form;
        (await (plain is null ? form.Changed("Content-Type", null) : form).Signed(Open).PostAsync(Client)).Status.Should().Be(204);
        (await Client.GetAsync("/photos/t"))["Content-Type"].Should().Be(expected);
    }

    [Theory]
    [InlineData(@"C:\fake path\b.txt", "b.txt")]
    [InlineData("x/y/c.txt", "c.txt")]
    [InlineData("d\\\"e.txt", "d\"e.txt")]
    public async Task Of_a_file_name_only_its_last_part_is_taken(string fileName, string key)
    {
        (await new WireForm(("key", "${filename}")) { FileName = fileName }.Signed(Open).PostAsync(Client)).Status.Should().Be(204);
        (await Client.GetAsync("/photos/" + Uri.EscapeDataString(key))).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_bucket_may_stand_in_the_host()
    {
        var posted = await new WireForm(("key", "v"), ("success_action_status", "201")).Signed("""{"bucket":"photos"}""")
            .PostAsync(Client, "/", ("Host", $"photos.localhost:{Server.Address.Port}"));
        (posted.Status, posted.Xml.Element("Location")!.Value).Should().Be((201, $"http://photos.localhost:{Server.Address.Port}/v"));
    }

    [Theory]
    [InlineData("open", 204)]
    [InlineData("photos", 403)]
    [InlineData("secret", 403)]
    public async Task A_form_without_a_policy_is_for_buckets_that_everyone_may_write(string bucket, int status) =>
        (await new WireForm(("key", "anonymous")).PostAsync(Client, $"/{bucket}/")).Status.Should().Be(status);

    [Fact]
    public async Task Signatures_of_header_and_URL_mean_nothing_to_a_form()
    {
        var form = new WireForm(("key", "k"));
        (await form.PostAsync(Client, "/open/", ("Authorization", "OSS nobody:wrong"))).Status.Should().Be(204);
        (await form.PostAsync(Client, "/open/?OSSAccessKeyId=a&Expires=1&Signature=b")).Status.Should().Be(204);
        var signed = await Client.SendAsync("POST", "/photos/", form.ToBytes(), Signing.V4, ("Content-Type", $"multipart/form-data; boundary={WireForm.Boundary}"));
        (signed.Status, signed.Code).Should().Be((403, "AccessDenied"));
    }

    [Theory]
    [InlineData(false, "OSSAccessKeyId")]
    [InlineData(false, "policy")]
    [InlineData(false, "Signature")]
    [InlineData(true, "policy")]
    [InlineData(true, "x-oss-signature-version")]
    [InlineData(true, "x-oss-credential")]
    [InlineData(true, "x-oss-date")]
    [InlineData(true, "x-oss-signature")]
    public async Task Half_a_signature_is_refused_also_where_none_would_do(bool v4, string missing)
    {
        var form = new WireForm(("key", "half"));
        var posted = await (v4 ? form.SignedV4("open", Open) : form.Signed(Open)).Changed(missing, null).PostAsync(Client, "/open/");
        (posted.Status, posted.Code, posted.Xml.Element("ArgumentName")?.Value).Should().Be((400, "InvalidArgument", missing));
    }

    [Fact]
    public async Task A_temporary_key_needs_its_token_in_the_form()
    {
        var policy = WireForm.Policy(TimeProvider.System.GetUtcNow(), WireForm.AnySize);
        var form = new WireForm(("key", "sts")).SignedV1(policy, "STS.key", "sts-secret");
        (await form.PostAsync(Client)).Code.Should().Be("InvalidAccessKeyId");
        (await form.With(("x-oss-security-token", "other")).PostAsync(Client)).Code.Should().Be("InvalidSecurityToken");
        (await form.With(("x-oss-security-token", "token")).PostAsync(Client)).Status.Should().Be(204);
    }

    [Fact]
    public async Task Limits_on_what_stands_before_the_file_hold()
    {
        (await new WireForm(("key", "n"), (new('n', 101), "")).Signed(Open).PostAsync(Client)).Code.Should().Be("FieldItemTooLong");
        (await new WireForm(("key", "v"), ("v", new('v', 2001))).Signed(Open).PostAsync(Client)).Code.Should().Be("FieldItemTooLong");
        var many = Enumerable.Range(0, 3).Select(i => ($"f{i}", new string('f', 2000))).ToArray();
        var all = await new WireForm([("key", "all"), .. many]).Signed(Open).PostAsync(Client);
        (all.Status, all.Code, all["x-oss-ec"]).Should().Be((400, "MaxPOSTPreDataLengthExceededError", "0006-00000112"));
        Blobs().Should().BeEmpty();
    }

    [Theory]
    [InlineData(3, 8, "EntityTooLarge")]
    [InlineData(10, 20, "EntityTooSmall")]
    [InlineData(9, 9, null)]
    public async Task The_size_of_the_file_must_be_in_the_range(int minimum, int maximum, string? code)
    {
        var posted = await new WireForm(("key", "sized")).Signed($"""["content-length-range",{minimum},{maximum}]""").PostAsync(Client);
        (posted.Status, posted.Code, posted["x-oss-ec"]).Should().Be(code is null ? (204, null, null) : (400, code, "0006-00000004"));
        (await Client.GetAsync("/photos/sized")).Status.Should().Be(code is null ? 200 : 404);
        Blobs().Should().HaveCount(code is null ? 1 : 0);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_before_it_has_all_come()
    {
        var head = new WireForm(("key", "huge")) { Tail = "" }.Signed("""["content-length-range",0,8]""").ToBytes();
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("POST", "/photos/", Signing.None,
            ("Content-Type", $"multipart/form-data; boundary={WireForm.Boundary}"), ("Content-Length", "1000000000")));

        // The boundary's length more than the limit, since the reader cannot tell a beginning boundary from bytes of the file.
        await connection.SendAsync([.. head, .. new byte[200]]);
        (await connection.ReadReplyAsync("POST")).Code.Should().Be("EntityTooLarge");
        Blobs().Should().BeEmpty();
    }

    [Fact]
    public async Task A_form_that_is_cut_leaves_nothing()
    {
        var bytes = new WireForm(("key", "cut")).Signed(Open).ToBytes();
        var framed = await Client.SendAsync("POST", "/photos/", bytes[..^12], Signing.None, ("Content-Type", $"multipart/form-data; boundary={WireForm.Boundary}"));
        (framed.Status, framed.Code, framed["x-oss-ec"]).Should().Be((400, "MalformedPOSTRequest", "0006-00000104"));

        // The temp file is the sign that the form has been read up to its file: a reset throws away what was not read yet.
        using (var connection = await Client.OpenAsync())
        {
            await connection.SendAsync(Client.Head("POST", "/photos/", Signing.None,
                ("Content-Type", $"multipart/form-data; boundary={WireForm.Boundary}"), ("Content-Length", bytes.Length.ToString(CultureInfo.InvariantCulture))));
            await connection.SendAsync(bytes[..^12]);
            await Eventually.TrueAsync(() => Task.FromResult(Blobs().Count == 1), "the file began to come");
            connection.Abort();
        }

        await Server.Requests.WaitForAsync(e => e.Key == "cut" && e.Status == 0, WireClient.Deadline);
        (await Client.GetAsync("/photos/cut")).Status.Should().Be(404);
        Blobs().Should().BeEmpty();
    }

    [Fact]
    public async Task The_file_is_one_and_the_last()
    {
        var second = $"\r\n--{WireForm.Boundary}\r\nContent-Disposition: form-data; name=\"FILE\"; filename=\"b\"\r\n\r\nb\r\n--{WireForm.Boundary}--\r\n";
        (await new WireForm(("key", "two")) { Tail = second }.Signed(Open).PostAsync(Client)).Code.Should().Be("IncorrectNumberOfFilesInPOSTRequest");
        var field = $"\r\n{WireForm.Part("submit", "go")}--{WireForm.Boundary}--\r\n";
        (await new WireForm(("key", "late")) { Tail = field }.Signed(Open).PostAsync(Client)).Code.Should().Be("MalformedPOSTRequest");
        Blobs().Should().BeEmpty();
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=----form7d5", "", "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=----form7d5", "------form7d5\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n------form7d5--\r\n", "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=----form7d5", "------form7d5\r\nContent-Disposition: form-data; name=file\r\n\r\nk\r\n------form7d5--\r\n", "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=----form7d5", "------form7d5\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nk\r\n------form7d5--\r\n", "InvalidArgument")]
    [InlineData("multipart/form-data", "", "MalformedPOSTRequest")]
    [InlineData("application/x-www-form-urlencoded", "key=a&file=b", "RequestIsNotMultiPartContent")]
    public async Task What_is_no_form_is_refused(string type, string body, string code)
    {
        var posted = await Client.SendAsync("POST", "/photos/", Encoding.UTF8.GetBytes(body), Signing.None, ("Content-Type", type));
        (posted.Status, posted.Code).Should().Be((400, code));
    }

    [Theory]
    [InlineData("key", "other")]
    [InlineData("KEY", "other")]
    [InlineData("policy", "e30=")]
    [InlineData("x-oss-meta-a", "2")]
    public async Task A_field_that_comes_twice_is_refused(string name, string value)
    {
        var posted = await new WireForm(("key", "twice"), ("x-oss-meta-a", "1")).Signed(Open).With((name, value)).PostAsync(Client);
        (posted.Status, posted.Code).Should().Be((400, "InvalidArgument"));
    }

    [Theory]
    [InlineData("x-oss-forbid-overwrite", "true", 409, "FileAlreadyExists")]
    [InlineData("x-oss-forbid-overwrite", "maybe", 400, "InvalidArgument")]
    [InlineData("x-oss-object-acl", "everyone", 400, "InvalidArgument")]
    [InlineData("x-oss-tagging", "a=b", 501, "NotImplemented")]
    [InlineData("x-oss-server-side-encryption", "AES256", 501, "NotImplemented")]
    [InlineData("x-oss-meta-a", "1\r\nX-Smuggled: 2", 400, "InvalidArgument")]
    [InlineData("x-oss-meta-a b", "1", 400, "InvalidArgument")]
    [InlineData("key", "/slash", 400, "InvalidObjectName")]
    public async Task A_field_that_cannot_be_honoured_is_refused(string name, string value, int status, string code)
    {
        await Client.PutAsync("/photos/there", "before");
        var posted = await new WireForm(("key", "there")).Changed(name, value).Signed(Open).PostAsync(Client);
        (posted.Status, posted.Code).Should().Be((status, code));
        (await Client.GetAsync("/photos/there")).Text.Should().Be("before");
    }

    [Fact]
    public async Task The_ACL_of_a_field_comes_before_that_of_the_header()
    {
        var form = new WireForm(("key", "acl"));
        await form.Signed(Open).PostAsync(Client, "/photos/", ("x-oss-object-acl", "private"));
        (await Client.SendAsync("GET", "/photos/acl", null, Signing.None)).Status.Should().Be(403);
        await form.With(("x-oss-object-acl", "public-read")).Signed(Open).PostAsync(Client, "/photos/", ("x-oss-object-acl", "private"));
        (await Client.SendAsync("GET", "/photos/acl", null, Signing.None)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Content_MD5_covers_the_whole_form()
    {
        var form = new WireForm(("key", "md5")).Signed(Open);
        var wrong = await form.PostAsync(Client, "/photos/", ("Content-MD5", Convert.ToBase64String(MD5.HashData("hello oss"u8))));
        (wrong.Status, wrong.Code, wrong["x-oss-ec"]).Should().Be((400, "InvalidDigest", "0017-00000503"));
        (await Client.GetAsync("/photos/md5")).Status.Should().Be(404);
        (await form.PostAsync(Client, "/photos/", ("Content-MD5", Convert.ToBase64String(MD5.HashData(form.ToBytes()))))).Status.Should().Be(204);
    }

    [Fact]
    public async Task A_form_without_a_length_is_411()
    {
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("POST", "/photos/", Signing.None,
            ("Content-Type", $"multipart/form-data; boundary={WireForm.Boundary}"), ("Transfer-Encoding", "chunked")));
        (await connection.ReadReplyAsync("POST")).Code.Should().Be("MissingContentLength");
    }

    [Fact]
    public async Task Faults_strike_forms_as_they_strike_other_uploads()
    {
        using (Server.Faults.Add(new() { Operation = OssOperation.PostObject, Reset = FaultReset.DuringBody, ResetAfterBytes = 10 }))
        {
            var post = () => new WireForm(("key", "torn")).Signed(Open).PostAsync(Client);
            await post.Should().ThrowAsync<IOException>();
        }

        (await Client.GetAsync("/photos/torn")).Status.Should().Be(404);
    }
}
