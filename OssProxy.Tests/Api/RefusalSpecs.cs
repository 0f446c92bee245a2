using System.Text;

namespace OssProxy.Tests.Api;

/// <summary>What a client does wrong: a clear answer, and nothing left behind.</summary>
public sealed class RefusalSpecs : ApiSpecs
{
    private const string Chat = "/api/chat/uploadAliyun";

    protected override (string, string)[] Settings => [("Uploads:MaxFileBytes", "2000000"), ("Uploads:IdleTimeout", "00:00:01"), ("Uploads:RateWindow", "00:00:01")];

    public static TheoryData<string, int, string> BadForms => new()
    {
        { $"--{Form.Boundary}--\r\n", 400, "FileMissing" },
        { Part("imageClassId", "1") + End, 400, "FileMissing" },
        { FilePart("img", "a.jpg", "") + End, 400, "FileEmpty" },
        { FilePart("img", "", "") + End, 400, "FileMissing" },
        { FilePart("img", "a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>") + End, 415, "TypeNotAllowed" },
        { FilePart("img", "a.png", "<!doctype html><script>1</script>") + End, 415, "TypeNotAllowed" },
        { FilePart("img", "a.jpg", "MZ\u0001\u0002 this program") + End, 415, "TypeNotAllowed" },
        { FilePart("img", "a.jpg", "#!/bin/sh\nrm -rf /\n") + End, 415, "TypeNotAllowed" },
        { Part("imageClassId", "1") + Part("imageClassId", "2") + FilePart("img", "a.txt", "text") + End, 400, "FormContradictory" },
        { Part("img", "just text") + End, 400, "FormContradictory" },
        { Part("imageClassId", "1") + FilePart("img", "a.txt", "text") + Part("image_class_id", "2") + End, 400, "FormContradictory" },
        { FilePart("imageClassId", "a.jpg", "x") + End, 400, "FormContradictory" },
        { FilePart("img", "a.txt", "one") + FilePart("img", "b.txt", "two") + End, 400, "FormTooComplex" },
        { string.Concat(Enumerable.Range(0, 40).Select(i => Part("f" + i, "x"))) + End, 400, "FormTooComplex" },
        { Part("f", new string('x', 200_000)) + End, 400, "FormTooComplex" },
        { Part(new string('n', 200), "x") + End, 400, "FormTooComplex" },
        { $"--{Form.Boundary}\r\n" + string.Concat(Enumerable.Range(0, 17).Select(i => $"X-{i}: 1\r\n")) + "\r\nx\r\n" + End, 400, "FormTooComplex" },
        { $"--{Form.Boundary}\r\nX: {new string('x', 17_000)}\r\n\r\nx\r\n" + End, 400, "FormTooComplex" },
        { $"--{Form.Boundary}\r\nno colon here\r\n\r\nx\r\n" + End, 400, "FormMalformed" },
        { $"--{Form.Boundary}\r\nContent-Type: text/plain\r\n\r\nx\r\n" + End, 400, "FormMalformed" },
        { FilePart("img", "a.txt", "text without an end"), 400, "FormMalformed" },
        { FilePart("img", "a.txt", "text")[..^12], 400, "FormMalformed" },
        { "", 400, "FormMalformed" },
        { "no form at all", 400, "FormMalformed" },
    };

    private static string End => $"--{Form.Boundary}--\r\n";

    [Theory]
    [MemberData(nameof(BadForms))]
    public async Task A_bad_form_is_refused_and_leaves_nothing(string body, int status, string code)
    {
        foreach (var mode in new[] { "stream", "temp" })
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=" + Form.Boundary);
            using var response = await Server.Client.PostAsync(new Uri($"{Chat}?mode={mode}", UriKind.Relative), content);

            var answer = await Answer.ReadAsync(response);

            answer.ShouldFail(status, code);
            answer.Message.Should().StartWith("上传失败: ");
            await NothingShouldRemainAsync();
        }
    }

    [Theory]
    [InlineData("/admin/image/upload", "401", "TokenMissing")]
    [InlineData(Chat, "413", "FileTooLarge")]
    public async Task A_client_that_listens_only_after_it_has_sent_all_hears_why_it_was_refused(string path, string status, string code)
    {
        // More than Kestrel's own limit, beyond which it would cut the connection instead of taking in the rest.
        const int Length = 40_000_000;
        using var connection = await Server.ConnectAsync();
        await connection.SendAsync(Form.Head(path, Length));
        var piece = new byte[1_000_000];
        for (var sent = 0; sent < Length; sent += piece.Length)
            await connection.SendAsync(piece);

        (await connection.ReadUntilAsync("}")).Should().StartWith("HTTP/1.1 " + status).And.Contain(code);
    }

    [Theory]
    [InlineData("application/json", "NotMultipart")]
    [InlineData("", "NotMultipart")]
    [InlineData("multipart/form-data", "FormMalformed")]
    [InlineData("multipart/form-data; boundary=", "FormMalformed")]
    [InlineData("multipart/form-data; boundary=\"\"", "FormMalformed")]
    [InlineData("multipart/form-data; boundary=a; boundary=b", "FormMalformed")]
    [InlineData("multipart/mixed; boundary=a", "NotMultipart")]
    [InlineData("multipart/form-data; boundary=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhh", "FormMalformed")]
    public async Task A_content_type_that_names_no_boundary_is_refused(string type, string code)
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        if (type.Length > 0)
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await Server.Client.PostAsync(new Uri(Chat, UriKind.Relative), content);

        (await Answer.ReadAsync(response)).ShouldFail(400, code);
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        using var content = new Form().File("img", "a.jpg", Samples.Photo).ToContent();
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await Server.Client.PostAsync(new Uri(Chat, UriKind.Relative), content);

        (await Answer.ReadAsync(response)).ShouldFail(415, "EncodingNotSupported");
    }

    [Fact]
    public async Task An_unknown_transfer_is_refused() =>
        (await PostAsync(Chat + "?mode=carrier-pigeon", new Form().File("img", "a.jpg", Samples.Photo))).ShouldFail(400, "TransferUnknown");

    [Theory]
    [InlineData("stream")]
    [InlineData("temp")]
    public async Task A_file_of_exactly_the_limit_goes_in_and_one_byte_more_does_not(string mode)
    {
        (await PostAsync($"{Chat}?mode={mode}", new Form().File("img", "a.jpg", Samples.PhotoOf(2_000_001)))).ShouldFail(413, "FileTooLarge");
        await NothingShouldRemainAsync();

        var answer = await PostAsync($"{Chat}?mode={mode}", new Form().File("img", "a.jpg", Samples.PhotoOf(2_000_000)));

        answer.ShouldBeOk();
    }

    [Fact]
    public async Task A_request_that_announces_too_much_is_refused_before_its_body_is_asked_for()
    {
        using var connection = await Server.ConnectAsync();

        await connection.SendAsync(Form.Head(Chat, 10_000_000, "Expect: 100-continue\r\n"));
        var answer = await connection.ReadUntilAsync("}");

        answer.Should().StartWith("HTTP/1.1 413").And.NotContain("100 Continue").And.Contain("FileTooLarge").And.Contain("1.91 MB");
    }

    [Fact]
    public async Task A_chunked_body_is_cut_at_the_byte_that_is_too_many()
    {
        using var connection = await Server.ConnectAsync();
        await connection.SendAsync(
            $"POST {Chat} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary={Form.Boundary}\r\nTransfer-Encoding: chunked\r\n\r\n");
        var start = new Form().File("img", "a.jpg", Samples.PhotoOf(2_000_001)).ToBytes();

        await connection.SendAsync($"{start.Length:x}\r\n");
        await connection.SendAsync(start);
        await connection.SendAsync("\r\n");
        var answer = await connection.ReadUntilAsync("}");

        answer.Should().StartWith("HTTP/1.1 413").And.Contain("FileTooLarge");
        await NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_client_that_goes_silent_is_told_so_and_leaves_nothing()
    {
        using var connection = await Server.ConnectAsync();
        var form = new Form().File("img", "a.jpg", Samples.PhotoOf(1_000_000)).ToBytes();

        await connection.SendAsync(Form.Head(Chat, form.Length));
        await connection.SendAsync(form.AsMemory(0, 500_000));
        var answer = await connection.ReadUntilAsync("}");

        answer.Should().StartWith("HTTP/1.1 408").And.Contain("ClientIdle");
        await NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_client_that_sends_a_byte_now_and_then_is_cut_by_the_minimum_rate()
    {
        using var connection = await Server.ConnectAsync();
        await connection.SendAsync(Form.Head(Chat, 1_000_000) + $"--{Form.Boundary}\r\n");
        var answer = connection.ReadUntilAsync("}");

        using var drip = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        while (!answer.IsCompleted && await drip.WaitForNextTickAsync())
            await connection.SendAsync("x");

        (await answer).Should().StartWith("HTTP/1.1 408").And.Contain("ClientTooSlow");
        await NothingShouldRemainAsync();
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("temp")]
    public async Task A_client_that_leaves_half_way_leaves_nothing_behind(string mode)
    {
        foreach (var leave in new Action<RawConnection>[] { connection => connection.Reset(), connection => connection.Dispose(), connection => connection.HalfClose() })
        {
            using var connection = await Server.ConnectAsync();
            var form = new Form().File("img", "a.jpg", Samples.PhotoOf(1_500_000)).ToBytes();
            await connection.SendAsync(Form.Head($"{Chat}?mode={mode}", form.Length));
            await connection.SendAsync(form.AsMemory(0, 1_000_000));
            await Eventually.TrueAsync(async () => (await Server.RowsAsync()).Pending == 1, "the upload has begun");

            leave(connection);

            await NothingShouldRemainAsync();
        }
    }

    [Theory]
    [InlineData("Content-Length: 10\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Content-Length: 10\r\nContent-Length: 11\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: +10\r\n")]
    [InlineData("Content-Length: 0x10\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    public async Task A_length_that_can_be_read_two_ways_is_refused(string lengths)
    {
        using var connection = await Server.ConnectAsync();

        await connection.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n{lengths}\r\n0123456789");
        var answer = await connection.ReadUntilAsync("\r\n\r\n");

        answer.Should().MatchRegex("^HTTP/1.1 (400|501)");
        await NothingShouldRemainAsync();
    }

    [Theory]
    [InlineData("5\r\nhello\nworld")]
    [InlineData("zz\r\n")]
    [InlineData("-5\r\nhello\r\n")]
    [InlineData("5\nhello\r\n")]
    public async Task Broken_chunks_are_refused(string chunks)
    {
        using var connection = await Server.ConnectAsync();

        await connection.SendAsync(
            $"POST {Chat} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary={Form.Boundary}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        var answer = await connection.ReadUntilAsync("\r\n\r\n");

        answer.Should().StartWith("HTTP/1.1 400");
        await NothingShouldRemainAsync();
    }

    private static string Part(string name, string value) =>
        $"--{Form.Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";

    private static string FilePart(string field, string file, string content) =>
        $"--{Form.Boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file}\"\r\n\r\n{content}\r\n";
}
