using OssProxy.Core.Http;

namespace OssProxy.Tests.Http;

public sealed class ResponseBodySpecs
{
    private const string Chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", true)]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true)]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", "hi", false)]
    [InlineData("GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi", "hi", false)]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n", "hi", false)]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", "", true)]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "", true)]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "", true)]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi", "", false)]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", true)]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", false)]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "", true)]
    [InlineData("HEAD", "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n", "", true)]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\n\r\n", "", true)]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "", false)]
    [InlineData("GET", Chunks + "0\r\n\r\n", "", true)]
    [InlineData("GET", Chunks + "2\r\nhi\r\n0\r\n\r\n", "hi", true)]
    [InlineData("GET", Chunks + "00002\r\nhi\r\n000\r\n\r\n", "hi", true)]
    [InlineData("GET", Chunks + "2\r\nhi\r\na\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "hi01234567890123456789", true)]
    [InlineData("GET", Chunks + "2 \t;a=b;c=\"0\r\nhi\r\n0;last\r\nETag: x\r\nno line at all\r\n\r\n", "hi", true)]
    [InlineData("GET", Chunks + "2\r\nhi\r\n0\r\n\r\nmore", "hi", false)]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "x", false)]
    public async Task A_body_ends_where_its_head_says_and_the_connection_is_used_again_when_nothing_else_lies_on_it(
        string method, string answer, string body, bool reused)
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        var exchange = await Talk.AskAsync(pool, method);
        var connection = await far.AcceptAsync();
        await connection.SayAsync(answer);

        await exchange.HearAsync();
        (await exchange.ReadAsync()).Should().Be(body);
        (await exchange.ReadAsync()).Should().BeEmpty("it has ended");
        exchange.Dispose();
        (await pool.ReusesAsync(far)).Should().Be(reused);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "hi")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "")]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", "hi")]
    public async Task A_body_without_length_ends_with_the_connection(string head, string body)
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        var exchange = await Talk.AskAsync(pool);
        var connection = await far.AcceptAsync();
        await connection.SayAsync(head + body);
        await exchange.HearAsync();
        var read = exchange.ReadAsync();
        await far.HeardAsync();
        read.IsCompleted.Should().BeFalse();
        connection.Hush();

        (await read).Should().Be(body);
        exchange.Dispose();
        (await connection.ReadToEndAsync()).Should().Be(Talk.Get, "our end has gone, too");
        (await pool.ReusesAsync(far)).Should().BeFalse();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n0123456789ab")]
    [InlineData(Chunks + "3;x=\"y\"\r\n012\r\n9\r\n3456789ab\r\n0\r\nA: b\r\n\r\n")]
    public async Task A_body_may_be_split_anywhere(string answer)
    {
        var head = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        using var far = new FarEnd();
        var pool = far.Pool();
        FarConnection? connection = null;

        for (var split = head; split < answer.Length; split++)
        {
            using var exchange = await Talk.AskAsync(pool);
            connection ??= await far.AcceptAsync();
            await connection.ReadHeadAsync();
            await connection.SayAsync(answer[..split]);
            await exchange.HearAsync();
            var read = exchange.ReadAsync(atOnce: 1 + (split % 4));
            await far.HeardAsync();
            await connection.SayAsync(answer[split..]);
            (await read).Should().Be("0123456789ab");
        }

        far.HasCaller.Should().BeFalse("all of them were asked on one connection");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhi", "hi")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", "hi")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", "")]
    [InlineData(Chunks, "")]
    [InlineData(Chunks + "2", "")]
    [InlineData(Chunks + "2\r\n", "")]
    [InlineData(Chunks + "2\r\nh", "h")]
    [InlineData(Chunks + "2\r\nhi", "hi")]
    [InlineData(Chunks + "2\r\nhi\r\n", "hi")]
    [InlineData(Chunks + "2\r\nhi\r\n0", "hi")]
    [InlineData(Chunks + "2\r\nhi\r\n0\r\n", "hi")]
    [InlineData(Chunks + "2\r\nhi\r\n0\r\n\r", "hi")]
    [InlineData(Chunks + "2\r\nhi\r\n0\r\nA: b\r\n", "hi")]
    [InlineData(Chunks + "fffffffffffffff\r\nhi", "hi")]
    public async Task A_body_that_is_cut_off_is_never_taken_for_whole(string answer, string before)
    {
        foreach (var reset in new[] { false, true })
        {
            using var far = new FarEnd();
            var pool = far.Pool();
            using var exchange = await Talk.AskAsync(pool);
            var connection = await far.AcceptAsync();
            await connection.ReadHeadAsync();
            await connection.SayAsync(answer);
            await exchange.HearAsync();
            var buffer = new byte[1];
            foreach (var expected in before)
            {
                (await exchange.ReadAsync(buffer.AsMemory())).Should().Be(1);
                buffer[0].Should().Be((byte)expected);
            }

            if (reset)
                connection.Reset();
            else
                connection.Dispose();
            for (var tries = 0; tries < 2; tries++)
            {
                var read = () => exchange.ReadAsync();
                await read.Should().ThrowAsync<IOException>();
            }

            exchange.Dispose();
            (await pool.ReusesAsync(far)).Should().BeFalse();
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("g\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("+2\r\nhi\r\n")]
    [InlineData("0x2\r\nhi\r\n")]
    [InlineData(" 2\r\nhi\r\n")]
    [InlineData("2\0\r\nhi\r\n")]
    [InlineData("2\n\r\nhi\r\n")]
    [InlineData("2;a\nb\r\nhi\r\n")]
    [InlineData("2;a\rb\r\nhi\r\n")]
    [InlineData("2 2\r\nhi\r\n")]
    [InlineData("2,2\r\nhi\r\n")]
    [InlineData(";a\r\nhi\r\n")]
    [InlineData("1000000000000000\r\nhi\r\n")]
    [InlineData("ffffffffffffffff\r\nhi\r\n")]
    [InlineData("10000000000000002\r\nhi\r\n")]
    [InlineData("2\r\nhi0\r\n\r\n")]
    [InlineData("2\r\nhi!\r\n0\r\n\r\n")]
    [InlineData("2\r\nhi \r\n0\r\n\r\n")]
    [InlineData("2\r\nhi\n\r\n0\r\n\r\n")]
    public async Task Chunks_that_are_none_are_refused(string chunks)
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        using var exchange = await Talk.AskAsync(pool);
        var connection = await far.AcceptAsync();
        await connection.SayAsync(Chunks + chunks);
        await exchange.HearAsync();
        var read = () => exchange.ReadAsync();

        await read.Should().ThrowAsync<ResponseFormatException>();
        await read.Should().ThrowAsync<IOException>("what lies behind is not read as if it were a body");
        exchange.Dispose();
        (await pool.ReusesAsync(far)).Should().BeFalse();
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task Trailers_are_passed_over_but_not_for_ever(int trailers, bool passes)
    {
        using var far = new FarEnd();
        using var exchange = await Talk.AskAsync(far.Pool());
        var connection = await far.AcceptAsync();
        await connection.SayAsync($"{Chunks}0\r\n{string.Concat(Enumerable.Repeat("A: b\r\n", trailers))}\r\n");
        await exchange.HearAsync();
        var read = () => exchange.ReadAsync();

        if (passes)
            (await read()).Should().BeEmpty();
        else
            await read.Should().ThrowAsync<ResponseFormatException>();
    }

    [Theory]
    [InlineData("2;")]
    [InlineData("0\r\nA: ")]
    public async Task A_line_between_chunks_does_not_grow_for_ever(string line)
    {
        using var far = new FarEnd();
        using var exchange = await Talk.AskAsync(far.Pool());
        var connection = await far.AcceptAsync();
        await connection.SayAsync(Chunks);
        await exchange.HearAsync();
        var read = exchange.ReadAsync();
        await connection.SayAsync(line + new string('x', 20_000));
        var wait = () => read;

        (await wait.Should().ThrowAsync<ResponseFormatException>()).WithMessage("*8192*");
    }

    [Theory]
    [InlineData("Content-Length: 2\r\n\r\nhi", true)]
    [InlineData("Content-Length: 4\r\n\r\nhi", false)]
    [InlineData("Content-Length: 2\r\n\r\nhi!", false)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", false)]
    public async Task A_body_that_nobody_reads_is_passed_over_when_all_of_it_is_here(string answer, bool reused)
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        var exchange = await Talk.AskAsync(pool);
        var connection = await far.AcceptAsync();
        await connection.SayAsync("HTTP/1.1 403 Forbidden\r\n" + answer);
        await exchange.HearAsync();
        exchange.Dispose();

        (await pool.ReusesAsync(far)).Should().Be(reused);
    }

    [Fact]
    public async Task A_large_body_arrives_whole_in_whatever_pieces_it_is_read()
    {
        var text = string.Concat(Enumerable.Range(0, 40_000).Select(number => $"{number:D5}"));
        using var far = new FarEnd();
        var pool = far.Pool();
        foreach (var (framed, atOnce) in new[]
                 {
                     ($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}", 777),
                     (Chunks + string.Concat(text.Chunk(999).Select(chunk => $"{chunk.Length:x}\r\n{new string(chunk)}\r\n")) + "0\r\n\r\n", 1_000_000),
                 })
        {
            var exchange = await Talk.AskAsync(pool);
            using var connection = await far.AcceptAsync();
            var said = connection.SayAsync(framed);
            await exchange.HearAsync();
            (await exchange.ReadAsync(Memory<byte>.Empty)).Should().Be(0);

            (await exchange.ReadAsync(atOnce)).Should().Be(text);
            await said.WaitAsync(FarEnd.Deadline);
            exchange.Dispose();
        }
    }

    [Fact]
    public async Task A_body_cannot_be_read_before_the_answer_has_come()
    {
        using var far = new FarEnd();
        using var exchange = await Talk.AskAsync(far.Pool());
        var read = () => exchange.ReadAsync(new byte[1].AsMemory()).AsTask();

        await read.Should().ThrowAsync<InvalidOperationException>();
    }
}
