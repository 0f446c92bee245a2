namespace OssProxy.Tests.Http;

/// <summary>What goes out, byte for byte, and what comes of an exchange when it is over.</summary>
public sealed class ExchangeSpecs
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    [Fact]
    public async Task A_request_without_a_body_is_its_head()
    {
        using var far = new FarEnd();
        using var exchange = await Talk.BeginAsync(far.Pool());
        exchange.Should().BeEquivalentTo(new { HasSentAll = false, WantsMore = true });
        var connection = await far.AcceptAsync();
        connection.HasNews.Should().BeFalse("the head waits for what follows it");
        await exchange.EndAsync();

        exchange.HasSentAll.Should().BeTrue();
        (await connection.ReadSomeAsync()).Should().Be(Talk.Get);
    }

    [Theory]
    [InlineData(5L, "hello", "Content-Length: 5\r\n\r\nhello")]
    [InlineData(10L, "hello|world", "Content-Length: 10\r\n\r\nhello|world")]
    [InlineData(12L, "hello+, |world", "Content-Length: 12\r\n\r\nhello, |world")]
    [InlineData(0L, "", "Content-Length: 0\r\n\r\n")]
    [InlineData(null, "", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(null, "hello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n|0\r\n\r\n")]
    [InlineData(null, "hello+, |new world", "Transfer-Encoding: chunked\r\n\r\n7\r\nhello, \r\n|9\r\nnew world\r\n|0\r\n\r\n")]
    [InlineData(null, "+hello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n|0\r\n\r\n")]
    public async Task A_body_goes_out_as_its_head_says_each_piece_with_one_send_and_the_first_with_the_head(
        long? length, string pieces, string expected)
    {
        using var far = new FarEnd();
        using var exchange = await Talk.BeginAsync(far.Pool(), Talk.Put(length));
        var connection = await far.AcceptAsync();
        List<string> segments = [];
        foreach (var piece in pieces.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var halves = piece.Split('+');
            await exchange.SendAsync(Talk.Bytes(halves[0]), halves.Length > 1 ? Talk.Bytes(halves[1]) : default);
            segments.Add(await connection.ReadSomeAsync());
        }

        await exchange.EndAsync();
        if (length is null || pieces.Length == 0)
            segments.Add(await connection.ReadSomeAsync());

        exchange.HasSentAll.Should().BeTrue();
        string.Join('|', segments).Should().Be("PUT /a HTTP/1.1\r\nHost: h\r\n" + expected);
        connection.HasNews.Should().BeFalse();
    }

    [Fact]
    public async Task A_piece_may_lie_in_the_middle_of_an_array_and_be_larger_than_what_the_system_takes_at_once()
    {
        const int Size = 3 * 1024 * 1024;
        var text = string.Concat(Enumerable.Range(0, Size / 8).Select(number => $"{number:x8}"));
        using var far = new FarEnd();
        using var exchange = await Talk.BeginAsync(far.Pool(), Talk.Put(null));
        var connection = await far.AcceptAsync();
        var sending = exchange.SendAsync(Talk.Bytes($"??{text}").Slice(2), Talk.Bytes(text)).AsTask();

        (await connection.ReadHeadAsync()).Should().EndWith("chunked\r\n\r\n");
        (await connection.ReadAsync(8)).Should().Be("600000\r\n");
        (await connection.ReadAsync(2 * Size)).Equals(text + text, StringComparison.Ordinal).Should().BeTrue();
        await sending.WaitAsync(FarEnd.Deadline);
        await exchange.EndAsync();
        (await connection.ReadAsync(7)).Should().Be("\r\n0\r\n\r\n");
    }

    [Fact]
    public async Task More_than_the_head_has_promised_is_not_sent_because_it_would_be_the_next_request()
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        foreach (var (head, body) in new[] { (Talk.Put(5), "hello!"), (Talk.Head(), "hello") })
        {
            using var exchange = await Talk.BeginAsync(pool, head);
            var connection = await far.AcceptAsync();
            var send = () => exchange.SendAsync(Talk.Bytes(body[..4]), Talk.Bytes(body[4..])).AsTask();

            await send.Should().ThrowAsync<ArgumentException>();
            connection.HasNews.Should().BeFalse();
        }
    }

    [Theory]
    [InlineData(5L)]
    [InlineData(null)]
    public async Task Nothing_is_no_piece_because_in_chunks_it_would_be_the_end(long? length)
    {
        using var far = new FarEnd();
        using var exchange = await Talk.BeginAsync(far.Pool(), Talk.Put(length));
        var connection = await far.AcceptAsync();
        var send = () => exchange.SendAsync(default).AsTask();

        await send.Should().ThrowAsync<ArgumentException>();
        connection.HasNews.Should().BeFalse();
    }

    [Theory]
    [InlineData(5L, "hell")]
    [InlineData(5L, "")]
    public async Task A_body_that_is_not_as_long_as_its_head_says_leaves_no_connection_for_the_next_request(long length, string body)
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        var exchange = await Talk.BeginAsync(pool, Talk.Put(length));
        if (body.Length > 0)
            await exchange.SendAsync(Talk.Bytes(body));
        await exchange.EndAsync();
        var connection = await far.AcceptAsync();
        await connection.SayAsync(Ok);

        (await exchange.HearAsync()).Status.Should().Be(200);
        exchange.HasSentAll.Should().BeFalse();
        exchange.Dispose();
        (await pool.ReusesAsync(far)).Should().BeFalse();
    }

    [Fact]
    public async Task A_body_without_an_end_leaves_none_either()
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        var exchange = await Talk.BeginAsync(pool, Talk.Put(null));
        await exchange.SendAsync(Talk.Bytes("hello"));
        var connection = await far.AcceptAsync();
        await connection.SayAsync(Ok);
        (await exchange.HearAsync()).Status.Should().Be(200);
        exchange.Dispose();

        (await pool.ReusesAsync(far)).Should().BeFalse();
        (await connection.ReadToEndAsync()).Should().EndWith("5\r\nhello\r\n", "an end would make it whole");
    }

    [Fact]
    public async Task Disposed_twice_it_gives_its_connection_back_once()
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        var exchange = await Talk.AskAsync(pool);
        var connection = await far.AcceptAsync();
        await connection.SayAsync(Ok);
        await exchange.HearAsync();
        exchange.Dispose();
        exchange.Dispose();

        using var first = await Talk.BeginAsync(pool);
        far.HasCaller.Should().BeFalse();
        using var second = await Talk.BeginAsync(pool);
        far.HasCaller.Should().BeTrue();
    }

    [Fact]
    public async Task What_is_over_touches_its_connection_no_more()
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        using var leaving = new CancellationTokenSource();
        var over = await Talk.BeginAsync(pool, Talk.Head(), leaving.Token);
        await over.EndAsync();
        var connection = await far.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SayAsync(Ok);
        await over.HearAsync();
        over.Dispose();

        using var next = await Talk.AskAsync(pool);
        await leaving.CancelAsync();
        over.Abort();
        (await over.ReadAsync()).Should().BeEmpty();
        (await connection.ReadHeadAsync()).Should().Be(Talk.Get);
        await connection.SayAsync(Ok);
        (await next.HearAsync()).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(10, 300)]
    [InlineData(512 * 1024, 60)]
    public async Task A_store_that_answers_every_body_when_it_has_it_is_asked_on_one_connection(int piece, int requests)
    {
        // The last piece and the answer may pass each other: an answer that is here before the sender knows that all is sent is no refusal.
        var bytes = new byte[piece];
        using var far = new FarEnd();
        var pool = far.Pool();
        FarConnection? connection = null;
        for (var request = 0; request < requests; request++)
        {
            using var exchange = await Talk.BeginAsync(pool, Talk.Put(2 * piece));
            connection ??= await far.AcceptAsync();
            var answering = AnswerAsync(connection, 2 * piece);
            await exchange.SendAsync(bytes);
            await exchange.SendAsync(bytes);
            await exchange.EndAsync();
            (await exchange.HearAsync()).Status.Should().Be(200);
            await answering;
        }

        far.HasCaller.Should().BeFalse();

        static async Task AnswerAsync(FarConnection connection, int bytes)
        {
            await connection.ReadHeadAsync();
            await connection.ReadAsync(bytes);
            await connection.SayAsync(Ok);
        }
    }
}
