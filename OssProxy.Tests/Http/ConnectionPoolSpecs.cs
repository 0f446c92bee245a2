using System.Net.Sockets;
using OssProxy.Core.Http;

namespace OssProxy.Tests.Http;

public sealed class ConnectionPoolSpecs
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private readonly Clock _time = new();

    [Fact]
    public async Task The_one_that_was_used_last_is_used_next()
    {
        using var far = new FarEnd();
        var pool = far.Pool(_time);
        var connections = await UseAsync(pool, far, 3);

        using var first = await Talk.AskAsync(pool);
        (await connections[2].ReadHeadAsync()).Should().Be(Talk.Get);
        using var second = await Talk.AskAsync(pool);
        (await connections[1].ReadHeadAsync()).Should().Be(Talk.Get);
        await AnswerAsync(second, connections[1]);
        await AnswerAsync(first, connections[2]);
        using var third = await Talk.AskAsync(pool);
        (await connections[2].ReadHeadAsync()).Should().Be(Talk.Get);
        far.HasCaller.Should().BeFalse();
    }

    [Theory]
    [InlineData("ended")]
    [InlineData("reset")]
    [InlineData("spoke")]
    public async Task One_that_the_far_end_has_ended_or_spoken_on_unasked_is_not_used(string done)
    {
        using var far = new FarEnd();
        var pool = far.Pool(_time);
        var connections = await UseAsync(pool, far, 2);
        if (done == "ended")
            connections[1].Dispose();
        else if (done == "reset")
            connections[1].Reset();
        else
            await connections[1].SayAsync("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        using var exchange = await Talk.AskAsync(pool);
        (await connections[0].ReadHeadAsync()).Should().Be(Talk.Get);
        far.HasCaller.Should().BeFalse();
        if (done == "spoke")
            (await connections[1].ReadToEndAsync()).Should().BeEmpty("it has been ended here, too");
    }

    [Fact]
    public async Task One_that_has_waited_too_long_is_not_used()
    {
        using var far = new FarEnd();
        var pool = far.Pool(_time);
        var connection = (await UseAsync(pool, far, 1))[0];
        _time.Advance(TimeSpan.FromSeconds(20));
        await UseAgainAsync(pool, connection);
        _time.Advance(TimeSpan.FromSeconds(29));
        await UseAgainAsync(pool, connection);
        _time.Advance(TimeSpan.FromSeconds(30));

        (await pool.ReusesAsync(far)).Should().BeFalse();
    }

    [Fact]
    public async Task One_that_is_too_old_is_not_used_however_often_it_was()
    {
        using var far = new FarEnd();
        var pool = far.Pool(_time);
        var connection = (await UseAsync(pool, far, 1))[0];
        for (var seconds = 20; seconds < 600; seconds += 20)
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            await UseAgainAsync(pool, connection);
        }

        _time.Advance(TimeSpan.FromSeconds(20));
        (await pool.ReusesAsync(far)).Should().BeFalse();
    }

    [Fact]
    public async Task What_waits_too_long_is_swept_away_and_the_rest_stays()
    {
        using var far = new FarEnd();
        var pool = far.Pool(_time);
        var old = await UseAsync(pool, far, 2);
        _time.Advance(TimeSpan.FromSeconds(10));
        await UseAgainAsync(pool, old[1]);

        _time.Advance(TimeSpan.FromSeconds(20));
        (await old[0].ReadToEndAsync()).Should().BeEmpty();
        old[1].HasNews.Should().BeFalse("it has waited for 20 s only");
        _time.Advance(TimeSpan.FromSeconds(30));
        (await old[1].ReadToEndAsync()).Should().BeEmpty();
        _time.Armed.Should().Be(0, "an empty pool looks no more");

        var next = await UseAsync(pool, far, 1);
        _time.Advance(TimeSpan.FromSeconds(60));
        (await next[0].ReadToEndAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task What_falls_due_while_it_sweeps_is_not_forgotten()
    {
        using var far = new FarEnd();
        var running = new RunningClock(_time);
        var pool = far.Pool(running);
        var connections = await UseAsync(pool, far, 2);

        // Each look at the clock takes 10 s: what is young at the first is old at the third.
        _time.Advance(TimeSpan.FromSeconds(25));
        await UseAgainAsync(pool, connections[1]);
        running.Step = TimeSpan.FromSeconds(10);
        _time.Advance(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(30));

        foreach (var connection in connections)
            (await connection.ReadToEndAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Disposed_it_ends_what_waits_and_what_comes_back()
    {
        using var far = new FarEnd();
        var pool = far.Pool(_time);
        var waiting = await UseAsync(pool, far, 2);
        var exchange = await Talk.AskAsync(pool);
        await waiting[1].ReadHeadAsync();
        pool.Dispose();
        (await waiting[0].ReadToEndAsync()).Should().BeEmpty();
        waiting[1].HasNews.Should().BeFalse("it is in use");

        await AnswerAsync(exchange, waiting[1]);
        (await waiting[1].ReadToEndAsync()).Should().BeEmpty();
        _time.Armed.Should().Be(0);
        pool.Dispose();
    }

    [Fact]
    public async Task A_connection_that_takes_too_long_does_not_come_about()
    {
        using var far = new FarEnd();
        Socket? made = null;
        var pool = far.Pool(_time, new Dialing
        {
            Timeout = TimeSpan.FromSeconds(5),
            Connect = async (socket, _, token) =>
            {
                made = socket;
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            },
        });
        var beginning = Talk.BeginAsync(pool);
        await _time.AdvanceUntilAsync(() => beginning.IsCompleted, TimeSpan.FromSeconds(1), "it is given up");
        var begin = () => beginning;

        (await begin.Should().ThrowAsync<ConnectException>()).WithMessage("*too long*");
        made!.SafeHandle.IsClosed.Should().BeTrue();
        _time.Armed.Should().Be(0);
    }

    [Fact]
    public async Task Nobody_there_or_no_such_name_is_told_as_such()
    {
        HttpOrigin gone;
        using (var far = new FarEnd())
            gone = far.Origin();
        using var refused = new ConnectionPool(
            gone, new Dialing { Timeout = FarEnd.Deadline }, TimeProvider.System, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
        Socket? made = null;
        using var unknown = new ConnectionPool(
            new HttpOrigin(false, "no-such.example", 80),
            new Dialing
            {
                Timeout = FarEnd.Deadline,
                Connect = (socket, _, _) =>
                {
                    made = socket;
                    throw new SocketException((int)SocketError.HostNotFound);
                },
            },
            TimeProvider.System,
            TimeSpan.FromSeconds(30),
            TimeSpan.FromMinutes(10));

        foreach (var pool in new[] { refused, unknown })
        {
            var begin = () => Talk.BeginAsync(pool);
            (await begin.Should().ThrowAsync<ConnectException>()).WithInnerException<SocketException>();
        }

        made!.SafeHandle.IsClosed.Should().BeTrue();
    }

    [Fact]
    public async Task The_usual_way_finds_an_address_by_its_name()
    {
        using var far = new FarEnd();
        using var pool = new ConnectionPool(
            new HttpOrigin(false, "localhost", far.Port), new Dialing { Timeout = FarEnd.Deadline }, TimeProvider.System,
            TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
        using var exchange = await Talk.AskAsync(pool);
        var connection = await far.AcceptAsync();

        (await connection.ReadHeadAsync()).Should().Be(Talk.Get);
    }

    // So many requests at once, answered in order: the last waits on top.
    private static async Task<List<FarConnection>> UseAsync(ConnectionPool pool, FarEnd far, int count)
    {
        List<(Exchange Exchange, FarConnection Connection)> pairs = [];
        while (pairs.Count < count)
            pairs.Add((await Talk.AskAsync(pool), await far.AcceptAsync()));
        foreach (var (exchange, connection) in pairs)
        {
            await connection.ReadHeadAsync();
            await AnswerAsync(exchange, connection);
        }

        return [.. pairs.Select(pair => pair.Connection)];
    }

    private static async Task UseAgainAsync(ConnectionPool pool, FarConnection connection)
    {
        var exchange = await Talk.AskAsync(pool);
        await connection.ReadHeadAsync();
        await AnswerAsync(exchange, connection);
    }

    private static async Task AnswerAsync(Exchange exchange, FarConnection connection)
    {
        await connection.SayAsync(Ok);
        await exchange.HearAsync();
        exchange.Dispose();
    }

    /// <summary>Goes on by itself whenever somebody looks at it.</summary>
    private sealed class RunningClock(Clock clock) : TimeProvider
    {
        private long _gone;

        public TimeSpan Step { get; set; }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp() + (_gone += Step.Ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, dueTime, period);
    }
}
