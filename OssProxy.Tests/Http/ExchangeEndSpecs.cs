using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OssProxy.Core.Http;

namespace OssProxy.Tests.Http;

/// <summary>Exchanges that do not go to their end: refused half-way, broken, cancelled.</summary>
public sealed class ExchangeEndSpecs
{
    private const string Refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";

    // Far more than the system takes from us while nobody reads.
    private static readonly byte[] Large = new byte[16 * 1024 * 1024];

    [Fact]
    public async Task A_refusal_does_not_end_our_side_while_nothing_waits_to_be_sent()
    {
        using var far = new FarEnd();
        using var exchange = await Talk.BeginAsync(far.Pool(), Talk.Put(null));
        var connection = await far.AcceptAsync();
        await exchange.SendAsync(Talk.Bytes("one"));
        await connection.ReadHeadAsync();
        await connection.ReadAsync("3\r\none\r\n".Length);

        await connection.SayAsync("HTTP/1.1 409 Conflict\r\nContent-Length: 5\r\n\r\nta");
        await exchange.AnsweredAsync().WaitAsync(FarEnd.Deadline);

        connection.HasNews.Should().BeFalse("a gateway may take an end of ours for a client that has left, and drop the rest of its answer");
        exchange.WantsMore.Should().BeFalse();
        await connection.SayAsync("ken");
        (await exchange.HearAsync()).Status.Should().Be(409);
        (await exchange.ReadAsync()).Should().Be("taken");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1L << 40)]
    public async Task Whoever_is_refused_half_way_stops_and_hears_why(long? length)
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        using var exchange = await Talk.BeginAsync(pool, Talk.Put(length));
        await exchange.SendAsync(Talk.Bytes("a"));
        var connection = await far.AcceptAsync();
        await connection.ReadHeadAsync();
        var sending = SendWhileWantedAsync(exchange, 64 * 1024);
        await connection.SayAsync(Refusal);

        await sending;
        await HearRefusalAsync(exchange);
        exchange.HasSentAll.Should().BeFalse();
        exchange.Dispose();
        (await pool.ReusesAsync(far)).Should().BeFalse();
    }

    [Theory]
    [InlineData(Refusal)]
    [InlineData("")]
    [InlineData("no HTTP at all\r\n\r\n")]
    public async Task A_far_end_that_reads_no_more_and_has_said_its_last_keeps_nobody_waiting_with_a_piece(string last)
    {
        foreach (var first in new[] { false, true })
        {
            using var far = new FarEnd();
            using var exchange = await Talk.BeginAsync(far.Pool(), Talk.Put(null));
            if (!first)
                await exchange.SendAsync(Talk.Bytes("a"));
            var sending = exchange.SendAsync(Large).AsTask();
            var connection = await far.AcceptAsync();
            await connection.ReadHeadAsync();
            sending.IsCompleted.Should().BeFalse();
            if (last.Length > 0)
                await connection.SayAsync(last);
            else
                connection.Hush();

            await sending.WaitAsync(FarEnd.Deadline);
            exchange.WantsMore.Should().BeFalse();
            if (last == Refusal)
            {
                await HearRefusalAsync(exchange);
                continue;
            }

            var hear = () => exchange.HearAsync();
            await hear.Should().ThrowAsync<IOException>();
        }
    }

    [Fact]
    public async Task A_success_that_passes_the_last_piece_stops_nothing_and_the_connection_is_used_again()
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        var exchange = await Talk.BeginAsync(pool, Talk.Put(Large.Length));
        var sending = exchange.SendAsync(Large).AsTask();
        var connection = await far.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SayAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await Eventually.TrueAsync(() => Task.FromResult(!exchange.WantsMore), "the answer is here");

        (await connection.ReadAsync(Large.Length)).Should().HaveLength(Large.Length);
        await sending.WaitAsync(FarEnd.Deadline);
        await exchange.EndAsync();
        exchange.HasSentAll.Should().BeTrue();
        (await exchange.HearAsync()).Status.Should().Be(200);
        exchange.Dispose();
        (await pool.ReusesAsync(far)).Should().BeTrue();
    }

    [Fact]
    public async Task An_answer_that_lies_behind_a_broken_pipe_is_heard()
    {
        using var far = new FarEnd();
        using var exchange = await Talk.BeginAsync(far.Pool(), Talk.Put(null));
        await exchange.SendAsync(Talk.Bytes("a"));
        var connection = await far.AcceptAsync();
        await connection.SayAsync(Refusal);

        // With the body unread here, the end is a reset.
        connection.Dispose();
        await SendWhileWantedAsync(exchange, 10);

        await HearRefusalAsync(exchange);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_breaks_without_an_answer_is_no_answer(bool reset)
    {
        using var far = new FarEnd();
        var pool = far.Pool();
        var exchange = await Talk.BeginAsync(pool, Talk.Put(null));
        await exchange.SendAsync(Talk.Bytes("a"));
        var connection = await far.AcceptAsync();
        if (reset)
            connection.Reset();
        else
            connection.Dispose();
        await SendWhileWantedAsync(exchange, 10);
        await exchange.EndAsync();
        var hear = () => exchange.HearAsync();

        (await hear.Should().ThrowAsync<IOException>()).Which.Should().NotBeOfType<ResponseFormatException>();
        exchange.HasSentAll.Should().BeFalse();
        exchange.Dispose();
        (await pool.ReusesAsync(far)).Should().BeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task An_end_before_the_answers_is_no_answer(string said)
    {
        using var far = new FarEnd();
        using var exchange = await Talk.AskAsync(far.Pool());
        var connection = await far.AcceptAsync();
        await connection.ReadHeadAsync();
        await connection.SayAsync(said);
        connection.Dispose();
        var hear = () => exchange.HearAsync();

        (await hear.Should().ThrowAsync<IOException>()).WithMessage("*before its answer*");
    }

    [Fact]
    public async Task Cancelled_while_connecting_it_never_begins()
    {
        using var far = new FarEnd();
        using var leaving = new CancellationTokenSource();
        var connecting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pool = far.Pool(dialing: new Dialing
        {
            Timeout = FarEnd.Deadline,
            Connect = async (_, _, token) =>
            {
                connecting.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            },
        });
        var beginning = Talk.BeginAsync(pool, cancellationToken: leaving.Token);
        await connecting.Task.WaitAsync(FarEnd.Deadline);
        await leaving.CancelAsync();
        var begin = () => beginning;

        await begin.Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData("sending")]
    [InlineData("sending more")]
    [InlineData("waiting")]
    [InlineData("reading")]
    [InlineData("reading chunks")]
    [InlineData("nothing")]
    public async Task Cancelled_or_aborted_it_ends_its_connection_and_all_that_waits_for_it(string doing)
    {
        foreach (var abort in new[] { false, true })
        {
            using var far = new FarEnd();
            var pool = far.Pool();
            using var leaving = new CancellationTokenSource();
            using var exchange = await Talk.BeginAsync(pool, Talk.Put(null), leaving.Token);
            var connection = await far.AcceptAsync();
            var pending = await DoAsync(doing, exchange, connection);
            pending?.IsCompleted.Should().BeFalse();

            if (abort)
                exchange.Abort();
            else
                await leaving.CancelAsync();
            (await connection.ReadToEndAsync()).Should().NotEndWith("0\r\n\r\n");
            if (doing.StartsWith("reading", StringComparison.Ordinal) || doing == "waiting")
            {
                var wait = () => pending!.WaitAsync(FarEnd.Deadline);
                await wait.Should().ThrowAsync<IOException>();
            }
            else
            {
                // What is sent in vain is told by the answer.
                await (pending ?? Task.CompletedTask).WaitAsync(FarEnd.Deadline);
                await exchange.SendAsync(Talk.Bytes("more"));
                exchange.WantsMore.Should().BeFalse();
                var hear = () => exchange.HearAsync();
                await hear.Should().ThrowAsync<IOException>();
            }

            exchange.Dispose();
            (await pool.ReusesAsync(far)).Should().BeFalse();
        }
    }

    [Fact]
    public async Task No_exception_is_left_in_a_task_that_nobody_awaits()
    {
        var unobserved = new ConcurrentQueue<string>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs failure) => unobserved.Enqueue(failure.Exception.ToString());
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            foreach (var end in new[] { "reset", "close", "garbage", "nothing" })
                await LeaveAsync(end);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }

        // Every test of the process is heard here.
        unobserved.Where(text => text.Contains("OssProxy.Core.Http", StringComparison.Ordinal)).Should().BeEmpty();
    }

    // A body half sent, whose sender gives up without asking for the answer.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task LeaveAsync(string end)
    {
        using var far = new FarEnd();
        var exchange = await Talk.BeginAsync(far.Pool(), Talk.Put(null));
        await exchange.SendAsync(Talk.Bytes("a"));
        await exchange.SendAsync(Talk.Bytes("b"));
        var connection = await far.AcceptAsync();
        await connection.ReadHeadAsync();
        switch (end)
        {
            case "reset":
                connection.Reset();
                break;
            case "close":
                connection.Dispose();
                break;
            case "garbage":
                await connection.SayAsync("\0\r\n\r\n");
                break;
        }

        if (end != "nothing")
            await Eventually.TrueAsync(() => Task.FromResult(!exchange.WantsMore), "the end is noticed");
        exchange.Dispose();
    }

    private static async Task<Task?> DoAsync(string doing, Exchange exchange, FarConnection connection)
    {
        if (doing == "nothing")
            return null;
        if (doing == "sending")
            return exchange.SendAsync(Large).AsTask();

        await exchange.SendAsync(Talk.Bytes("a"));
        if (doing == "sending more")
            return exchange.SendAsync(Large).AsTask();

        await exchange.EndAsync();
        if (doing == "waiting")
        {
            await connection.ReadHeadAsync();
            await connection.ReadAsync("1\r\na\r\n0\r\n\r\n".Length);
            return exchange.AnswerAsync();
        }

        await connection.ReadHeadAsync();
        await connection.ReadAsync("1\r\na\r\n0\r\n\r\n".Length);
        await connection.SayAsync($"HTTP/1.1 200 OK\r\n{(doing == "reading" ? "Content-Length: 7" : "Transfer-Encoding: chunked")}\r\n\r\n");
        await exchange.HearAsync();
        return exchange.ReadAsync(new byte[1].AsMemory()).AsTask();
    }

    private static async Task SendWhileWantedAsync(Exchange exchange, int bytes)
    {
        using var deadline = new CancellationTokenSource(FarEnd.Deadline);
        while (exchange.WantsMore)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await exchange.SendAsync(Large.AsMemory(0, bytes)).AsTask().WaitAsync(FarEnd.Deadline);
            await Task.Yield();
        }
    }

    private static async Task HearRefusalAsync(Exchange exchange)
    {
        (await exchange.HearAsync()).Status.Should().Be(403);
        (await exchange.ReadAsync()).Should().Be("no");
    }
}
