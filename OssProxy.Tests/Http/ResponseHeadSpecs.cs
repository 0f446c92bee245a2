using System.Text;
using OssProxy.Core.Http;

namespace OssProxy.Tests.Http;

public sealed class ResponseHeadSpecs
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK", 200, true)]
    [InlineData("HTTP/1.0 200 OK", 200, false)]
    [InlineData("HTTP/1.1 404 Not Found", 404, true)]
    [InlineData("HTTP/1.1 200 ", 200, true)]
    [InlineData("HTTP/1.1 200", 200, true)]
    [InlineData("HTTP/1.1 599 \t\u00e9 reason", 599, true)]
    [InlineData("HTTP/1.1 999 X", 999, true)]
    [InlineData("HTTP/1.1 100 Continue", 100, true)]
    public void A_status_line_tells_status_and_version(string line, int status, bool keepsAlive)
    {
        var head = Parse($"{line}\r\n\r\n");

        head.Status.Should().Be(status);
        head.KeepsAlive.Should().Be(keepsAlive);
        head.IsInterim.Should().Be(status == 100);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\nHTTP/1.1 200 OK")]
    [InlineData(" HTTP/1.1 200 OK")]
    [InlineData("http/1.1 200 OK")]
    [InlineData("HTTP/1.2 200 OK")]
    [InlineData("HTTP/0.9 200 OK")]
    [InlineData("HTTP/2 200 OK")]
    [InlineData("HTTP/2.0 200 OK")]
    [InlineData("PRI * HTTP/2.0")]
    [InlineData("HTTP/11 200 OK")]
    [InlineData("HTTP/1.1\t200 OK")]
    [InlineData("HTTP/1.1  200 OK")]
    [InlineData("HTTP/1.1 20")]
    [InlineData("HTTP/1.1 20 OK")]
    [InlineData("HTTP/1.1 2000 OK")]
    [InlineData("HTTP/1.1 200OK")]
    [InlineData("HTTP/1.1 200\tOK")]
    [InlineData("HTTP/1.1 099 X")]
    [InlineData("HTTP/1.1 +20 OK")]
    [InlineData("HTTP/1.1 -20 OK")]
    [InlineData("HTTP/1.1 2 0 OK")]
    [InlineData("HTTP/1.1 20\0 OK")]
    [InlineData("HTTP/1.1 abc OK")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5")]
    [InlineData("HTTP/1.1 200 OK\rContent-Length: 5")]
    [InlineData("HTTP/1.1 200 O\0K")]
    [InlineData("SSH-2.0-OpenSSH_9.6")]
    [InlineData("<html>no store</html>")]
    public void Anything_else_is_no_answer(string line) => Refused($"{line}\r\n\r\n");

    [Theory]
    [InlineData("no colon")]
    [InlineData(": no name")]
    [InlineData("Content-Length : 5")]
    [InlineData(" Content-Length: 5")]
    [InlineData("Content Length: 5")]
    [InlineData("Content-Length\t: 5")]
    [InlineData("A: 1\r\n folded")]
    [InlineData("A: 1\r\n\tfolded: yes")]
    [InlineData("A: 1\nContent-Length: 5")]
    [InlineData("A: 1\rContent-Length: 5")]
    [InlineData("A: 1\r")]
    [InlineData("A\n: 1")]
    [InlineData("A: 1\0")]
    [InlineData("A\0: 1")]
    [InlineData("A: \u0001")]
    [InlineData("A: \u001b[2J")]
    [InlineData("A\u00e9: 1")]
    [InlineData("A\u007f: 1")]
    public void A_header_line_that_is_none_makes_it_no_answer(string lines) => Refused($"HTTP/1.1 200 OK\r\nServer: x\r\n{lines}\r\n\r\n");

    [Fact]
    public void A_header_is_found_whatever_its_case_and_several_of_one_name_come_as_one()
    {
        var head = Parse("HTTP/1.1 200 OK\r\nETag:\"A\"\r\nx-oss-a: \t 1 \t\r\nX-OSS-A:2\r\nX-oss-B:\r\nX-oss-a: c: d\r\nX-oss: \u00e9\t.\r\n\r\n");

        head.Find("etag").Should().Be("\"A\"");
        head.Find("X-Oss-A").Should().Be("1,2,c: d");
        head.Find("x-oss-b").Should().BeEmpty();
        head.Find("x-oss").Should().Be("\u00e9\t.");
        head.Find("x-os").Should().BeNull();
        head.Find("x-oss-").Should().BeNull();
        head.NamesWith("x-oss-").Should().Equal("x-oss-a", "X-oss-B");
        head.NamesWith("etag2").Should().BeEmpty();
        Parse("HTTP/1.1 200 OK\r\n\r\n").Find("").Should().BeNull();
    }

    [Theory]
    [InlineData("Content-Length: 0", 0L)]
    [InlineData("Content-Length: 5", 5L)]
    [InlineData("CONTENT-LENGTH:\t5 ", 5L)]
    [InlineData("Content-Length: 005", 5L)]
    [InlineData("Content-Length: 9223372036854775807", long.MaxValue)]
    [InlineData("Content-Length: 5,5", 5L)]
    [InlineData("Content-Length: 5\r\nServer: x\r\ncontent-length: 5", 5L)]
    [InlineData("Content-Length-Of-Another: 5", null)]
    public void A_length_is_digits(string lines, long? length) => Parse($"HTTP/1.1 200 OK\r\n{lines}\r\n\r\n").ContentLength.Should().Be(length);

    [Theory]
    [InlineData("-5")]
    [InlineData("+5")]
    [InlineData("")]
    [InlineData("5,6")]
    [InlineData("5,")]
    [InlineData(",5")]
    [InlineData("5 5")]
    [InlineData("5;5")]
    [InlineData("0x5")]
    [InlineData("5.0")]
    [InlineData("5e1")]
    [InlineData("\u00a05")]
    [InlineData("5\u0085")]
    [InlineData("9223372036854775808")]
    [InlineData("18446744073709551621")]
    [InlineData("00000000000000000005")]
    [InlineData("5\r\nContent-Length: 6")]
    [InlineData("5\r\nContent-Length:")]
    [InlineData("5\r\nContent-Length: 05")]
    public void Any_other_length_is_none(string value) => Refused($"HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n\r\n");

    [Theory]
    [InlineData("chunked")]
    [InlineData("CHUNKED")]
    [InlineData("\tChunked ")]
    public void A_body_may_come_in_chunks(string coding) =>
        Parse($"HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n").Should().BeEquivalentTo(
            new { IsChunked = true, ContentLength = (long?)null, KeepsAlive = true });

    [Theory]
    [InlineData("gzip")]
    [InlineData("gzip, chunked")]
    [InlineData("chunked, chunked")]
    [InlineData("chunked\r\nTransfer-Encoding: chunked")]
    [InlineData("identity\r\nTransfer-Encoding: chunked")]
    [InlineData("identity")]
    [InlineData("chunked;q=1")]
    [InlineData("xchunked")]
    [InlineData("\u00a0chunked")]
    [InlineData("")]
    public void No_other_coding_is_guessed_at(string coding) => Refused($"HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n");

    [Fact]
    public void With_a_length_beside_its_chunks_the_chunks_hold_and_the_connection_is_not_trusted_again() =>
        Parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n").Should().BeEquivalentTo(
            new { IsChunked = true, KeepsAlive = false });

    [Theory]
    [InlineData("1.1", "close", false)]
    [InlineData("1.1", "Close", false)]
    [InlineData("1.1", "upgrade,\tCLOSE ", false)]
    [InlineData("1.1", "keep-alive\r\nConnection: close", false)]
    [InlineData("1.1", "keep-alive", true)]
    [InlineData("1.1", "closed", true)]
    [InlineData("1.1", "", true)]
    [InlineData("1.0", "keep-alive", false)]
    public void The_far_end_says_whether_another_request_may_follow(string version, string connection, bool keepsAlive) =>
        Parse($"HTTP/{version} 200 OK\r\nConnection: {connection}\r\nContent-Length: 0\r\n\r\n").KeepsAlive.Should().Be(keepsAlive);

    [Fact]
    public void A_head_ends_with_the_first_empty_line_wherever_the_search_goes_on()
    {
        const string Head = "HTTP/1.1 200 OK\r\nA: \r\n\r\n";
        var bytes = Encoding.Latin1.GetBytes(Head + "\r\n\r\n");

        for (var received = 0; received < Head.Length; received++)
        {
            ResponseHead.EndOf(bytes.AsSpan(0, received), 0).Should().Be(0);
            ResponseHead.EndOf(bytes, received).Should().Be(Head.Length, "{0} had been searched", received);
        }
    }

    [Fact]
    public async Task A_head_may_be_split_anywhere()
    {
        const string Answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nETag: \"A\"\r\nContent-Length: 2\r\n\r\nhi";
        using var far = new FarEnd();
        var pool = far.Pool();
        FarConnection? connection = null;

        for (var split = 1; split < Answer.Length; split++)
        {
            using var exchange = await Talk.AskAsync(pool);
            connection ??= await far.AcceptAsync();
            (await connection.ReadHeadAsync()).Should().Be(Talk.Get);
            var answer = exchange.AnswerAsync();
            await connection.SayAsync(Answer[..split]);
            if (split < Answer.Length - 2)
                await far.HeardAsync();
            await connection.SayAsync(Answer[split..]);

            (await answer.WaitAsync(FarEnd.Deadline)).Find("ETag").Should().Be("\"A\"");
            (await exchange.ReadAsync()).Should().Be("hi");
        }

        far.HasCaller.Should().BeFalse("all of them were asked on one connection");
    }

    [Theory]
    [InlineData(65_000, true)]
    [InlineData(66_000, false)]
    public async Task A_head_has_at_most_64_KiB(int bytes, bool fits)
    {
        using var far = new FarEnd();
        using var exchange = await Talk.AskAsync(far.Pool());
        var connection = await far.AcceptAsync();
        var answer = exchange.HearAsync();
        var said = connection.SayAsync($"HTTP/1.1 200 OK\r\nA: {new string('x', bytes)}\r\nContent-Length: 0\r\n\r\n");

        if (fits)
        {
            (await answer).Find("A").Should().HaveLength(bytes);
            await said;
            return;
        }

        var hear = () => answer;
        (await hear.Should().ThrowAsync<ResponseFormatException>()).WithMessage("*65536*");
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public async Task Interim_answers_are_passed_over_but_not_for_ever(int interim, bool passes)
    {
        using var far = new FarEnd();
        using var exchange = await Talk.AskAsync(far.Pool());
        var connection = await far.AcceptAsync();
        await connection.SayAsync(string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 7\r\n\r\n", interim))
            + "HTTP/1.1 204 No Content\r\n\r\n");
        var hear = () => exchange.HearAsync();

        if (passes)
            (await hear()).Status.Should().Be(204);
        else
            await hear.Should().ThrowAsync<ResponseFormatException>();
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    [InlineData("\0\0\u0012\u0004\0\0\0\0\0")]
    [InlineData("\u0015\u0003\u0001\0\u0002\u0002\u0016")]
    [InlineData("HTTP/2")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 0\n\n")]
    [InlineData("h")]
    public async Task A_far_end_that_speaks_otherwise_is_not_listened_to_until_it_has_finished(string said)
    {
        using var far = new FarEnd();
        using var exchange = await Talk.AskAsync(far.Pool());
        var connection = await far.AcceptAsync();
        await connection.SayAsync(said);
        var hear = () => exchange.HearAsync();

        await hear.Should().ThrowAsync<ResponseFormatException>();
    }

    [Fact]
    public async Task Nobody_has_asked_for_another_protocol()
    {
        using var far = new FarEnd();
        using var exchange = await Talk.AskAsync(far.Pool());
        var connection = await far.AcceptAsync();
        await connection.SayAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
        var hear = () => exchange.HearAsync();

        await hear.Should().ThrowAsync<ResponseFormatException>();
    }

    private static ResponseHead Parse(string head) => ResponseHead.Parse(Encoding.Latin1.GetBytes(head));

    private static void Refused(string head) => ((Action)(() => Parse(head))).Should().Throw<ResponseFormatException>();
}
