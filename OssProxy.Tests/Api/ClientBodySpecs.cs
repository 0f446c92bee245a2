using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OssProxy.Api.Forms;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Api;

/// <summary>Whom the body of a request cuts off, and when: on a clock that stands still, from a pipe in which only what a test writes is.</summary>
public sealed class ClientBodySpecs : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    // The timers count whole milliseconds.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly CancellationTokenSource _aborted = new();
    private readonly Clock _clock = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly WatchedReader _reader;
    private ClientBody? _body;

    public ClientBodySpecs() => _reader = new WatchedReader(_pipe.Reader);

    public void Dispose()
    {
        _body?.Dispose();
        _aborted.Dispose();
    }

    [Theory]
    [InlineData(30)]
    [InlineData(29.5)]
    public async Task A_client_that_sends_nothing_is_idle_when_the_time_is_over_and_not_before(double nextLook)
    {
        var body = Body(new(Idle, TimeSpan.FromSeconds(nextLook), 0, TimeSpan.FromHours(6)));
        var reading = ReadAsync(body);

        _clock.Advance(Idle - Tick);
        _reader.Cuts.Should().Be(0);
        _clock.Advance(2 * Tick);

        (await VerdictAsync(reading)).Should().Be(UploadError.ClientIdle);
    }

    [Fact]
    public async Task Each_byte_begins_the_silence_anew()
    {
        var body = Body();
        for (var i = 0; i < 10; i++)
        {
            var reading = ReadAsync(body);
            _clock.Advance(Idle - Tick);
            await SendAsync(1);
            body.Use((await reading).Buffer.End);
        }

        var last = ReadAsync(body);
        _clock.Advance(Idle - Tick);
        _reader.Cuts.Should().Be(0);
        _clock.Advance(2 * Tick);

        (await VerdictAsync(last)).Should().Be(UploadError.ClientIdle);
    }

    [Fact]
    public async Task Only_the_waiting_for_the_client_counts()
    {
        var body = Body(new(Idle, TimeSpan.FromSeconds(10), 240, TimeSpan.FromDays(1)));
        for (var i = 0; i < 50; i++)
        {
            // 300 bytes in a second of waiting, and then a store that takes five minutes over them.
            var reading = ReadAsync(body);
            _clock.Advance(TimeSpan.FromSeconds(1));
            await SendAsync(300);
            body.Use((await reading).Buffer.End);
            _clock.Advance(TimeSpan.FromMinutes(5));
        }

        await SendAsync(1);
        (await ReadAsync(body)).Buffer.Length.Should().Be(1, "the client has done nothing wrong");
    }

    [Fact]
    public async Task Who_waits_for_a_slow_store_is_looked_at_no_more_often_than_anybody_else()
    {
        var time = new CountingTime(_clock);
        var body = Body(new(Idle, TimeSpan.FromSeconds(60), 1, TimeSpan.FromDays(1)), time);
        for (var i = 0; i < 6; i++)
        {
            // Nearly a window of waiting, so that a look at its end would be a look every millisecond.
            var reading = ReadAsync(body);
            _clock.Advance(TimeSpan.FromSeconds(10) - Tick);
            await SendAsync(100);
            body.Use((await reading).Buffer.End);
        }

        var before = time.Asked;
        _clock.Advance(TimeSpan.FromHours(1));

        (time.Asked - before).Should().BeLessThan(1000);
    }

    [Theory]
    [InlineData(30, 60)]
    [InlineData(600, 60)]
    public async Task A_client_that_sends_too_little_over_a_window_is_too_slow(int idle, int window)
    {
        var body = Body(new(TimeSpan.FromSeconds(idle), TimeSpan.FromSeconds(window), 240, TimeSpan.FromDays(1)));
        var began = _clock.GetUtcNow();

        (await VerdictAsync(TrickleAsync(body, 2399, TimeSpan.FromSeconds(10)))).Should().Be(UploadError.ClientTooSlow);
        (_clock.GetUtcNow() - began).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(window))
            .And.BeLessThan(TimeSpan.FromSeconds(window) + Idle);
    }

    [Fact]
    public async Task Each_window_counts_for_itself()
    {
        var body = Body(new(Idle, TimeSpan.FromSeconds(60), 240, TimeSpan.FromDays(1)));
        for (var i = 0; i < 30; i++)
            await PassAsync(body, 100_000, TimeSpan.FromSeconds(10));
        var began = _clock.GetUtcNow();

        (await VerdictAsync(TrickleAsync(body, 1, TimeSpan.FromSeconds(10)))).Should().Be(UploadError.ClientTooSlow);

        // What is left of the window in which it was quick, and one more.
        (_clock.GetUtcNow() - began).Should().BeLessThan(TimeSpan.FromSeconds(150));
    }

    [Fact]
    public async Task Who_sends_just_enough_is_let_go_on()
    {
        var body = Body(new(Idle, TimeSpan.FromSeconds(60), 240, TimeSpan.FromDays(1)));
        for (var i = 0; i < 100; i++)
            await PassAsync(body, 2410, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_has_come_counts_although_nothing_can_be_made_of_it_yet()
    {
        var body = Body(new(Idle, TimeSpan.FromSeconds(60), 240, TimeSpan.FromDays(1)));
        for (var i = 1; i <= 8; i++)
        {
            var reading = ReadAsync(body);
            _clock.Advance(TimeSpan.FromSeconds(10));
            await SendAsync(2410);
            (await reading).Buffer.Length.Should().Be(2410 * i);
            body.AskForMore();
        }
    }

    [Theory]
    [InlineData(5, 30)]
    [InlineData(600, 30)]
    [InlineData(600, 3600)]
    public async Task A_request_that_takes_too_long_ends_however_diligent_its_client(int budget, int idle)
    {
        var total = TimeSpan.FromSeconds(budget);
        var body = Body(new(TimeSpan.FromSeconds(idle), TimeSpan.FromSeconds(idle), 0, total));
        var began = _clock.GetUtcNow();

        (await VerdictAsync(TrickleAsync(body, 100_000, TimeSpan.FromSeconds(1)))).Should().Be(UploadError.ClientTooSlow);

        (_clock.GetUtcNow() - began).Should().BeGreaterThanOrEqualTo(total).And.BeLessThan(total + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task The_budget_runs_while_nobody_reads()
    {
        var body = Body(new(Idle, Idle, 240, TimeSpan.FromHours(1)));
        await PassAsync(body, 1000, TimeSpan.FromSeconds(1));

        await SendAsync(1000);
        _clock.Advance(TimeSpan.FromHours(1));

        (await VerdictAsync(ReadAsync(body))).Should().Be(UploadError.ClientTooSlow);
    }

    [Fact]
    public async Task The_budget_is_looked_at_although_nothing_ever_has_to_be_waited_for()
    {
        // As of a client that is always ahead of a slow store: no read waits, so no timer is set that could look.
        var body = Body(new(Idle, Idle, 240, TimeSpan.FromHours(1)));
        await SendAsync(1000);
        for (var i = 0; i < 60; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1) - Tick);
            await SendAsync(1000);
            body.Use((await ReadAsync(body)).Buffer.GetPosition(1000));
        }

        _clock.Advance(TimeSpan.FromMinutes(1));

        (await VerdictAsync(ReadAsync(body))).Should().Be(UploadError.ClientTooSlow);
        _clock.Armed.Should().Be(0);
        _reader.Cuts.Should().Be(0);
    }

    [Fact]
    public async Task Who_has_sent_all_is_not_cut_off_any_more()
    {
        var body = Body(new(Idle, Idle, 240, TimeSpan.FromHours(1)));
        await PassAsync(body, 1000, TimeSpan.FromSeconds(1));

        await SendAsync(1000);
        await _pipe.Writer.CompleteAsync();
        _clock.Advance(TimeSpan.FromHours(2));

        var rest = await ReadAsync(body);
        rest.Buffer.Length.Should().Be(1000);
        rest.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task A_body_that_is_already_there_costs_no_timer()
    {
        await SendAsync(1000);
        await _pipe.Writer.CompleteAsync();
        var body = Body();

        body.Use((await ReadAsync(body)).Buffer.End);
        (await ReadAsync(body)).IsCompleted.Should().BeTrue();

        _clock.Armed.Should().Be(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_comes_after_can_read_on_where_a_refusal_left_it(bool judged)
    {
        var body = Body();
        await PassAsync(body, 4, TimeSpan.FromSeconds(1));
        var reading = ReadAsync(body);
        if (judged)
            _clock.Advance(Idle + Tick);
        else
            await SendAsync(3);
        if (judged)
            (await VerdictAsync(reading)).Should().Be(UploadError.ClientIdle);
        else
            await reading;

        body.Dispose();

        await SendAsync(2);
        (await _pipe.Reader.ReadAsync().AsTask().WaitAsync(Deadline)).Buffer.Length.Should().Be(judged ? 2 : 5);
    }

    [Fact]
    public async Task Nobody_is_judged_after_the_end()
    {
        var body = Body();
        await PassAsync(body, 4, TimeSpan.FromSeconds(1));

        body.Dispose();
        _clock.Advance(TimeSpan.FromDays(1));

        _clock.Armed.Should().Be(0);
        _reader.Cuts.Should().Be(0, "the next request may be on it");
    }

    [Fact]
    public async Task A_connection_that_is_taken_away_is_the_clients_fault_wherever_it_shows()
    {
        var body = Body();
        await PassAsync(body, 4, TimeSpan.FromSeconds(1));
        await SendAsync(4);
        var read = await ReadAsync(body);
        await _aborted.CancelAsync();
        _reader.IsGone = true;

        // A timer that threw would end the process.
        var look = () => _clock.Advance(TimeSpan.FromDays(1));
        var use = () => body.Use(read.Buffer.End);
        var next = async () => await body.ReadAsync(CancellationToken.None);

        look.Should().NotThrow();
        use.Should().Throw<UploadException>().Which.Error.Should().Be(UploadError.ClientClosed);
        (await next.Should().ThrowAsync<UploadException>()).Which.Error.Should().Be(UploadError.ClientClosed);
    }

    [Fact]
    public async Task The_end_of_a_refused_body_does_not_fail_because_its_connection_has_gone()
    {
        var body = Body();
        await SendAsync(4);
        await ReadAsync(body);
        await _aborted.CancelAsync();
        _reader.IsGone = true;

        var end = body.Dispose;

        end.Should().NotThrow("the refusal is what is to be told");
    }

    private static async Task<ReadResult> ReadAsync(ClientBody body) =>
        await body.ReadAsync(CancellationToken.None).AsTask().WaitAsync(Deadline);

    private static async Task<UploadError> VerdictAsync(Task reading) =>
        (await ((Func<Task>)(() => reading)).Should().ThrowAsync<UploadException>()).Which.Error;

    private ClientBody Body(ClientPatience? patience = null, TimeProvider? time = null)
    {
        var context = new DefaultHttpContext { RequestAborted = _aborted.Token };
        context.Features.Set<IRequestBodyPipeFeature>(new BodyFeature(_reader));
        return _body ??= new ClientBody(context, patience ?? new(Idle, Idle, 0, TimeSpan.FromHours(6)), time ?? _clock);
    }

    private ValueTask<FlushResult> SendAsync(int bytes) => _pipe.Writer.WriteAsync(new byte[bytes]);

    // Bytes that come after so long a wait.
    private async Task PassAsync(ClientBody body, int bytes, TimeSpan wait)
    {
        var reading = ReadAsync(body);
        _clock.Advance(wait);
        await SendAsync(bytes);
        body.Use((await reading).Buffer.End);
    }

    private async Task TrickleAsync(ClientBody body, int bytes, TimeSpan wait)
    {
        for (var i = 0; i < 10_000; i++)
            await PassAsync(body, bytes, wait);
    }

    private sealed record BodyFeature(PipeReader Reader) : IRequestBodyPipeFeature;

    private sealed class CountingTime(Clock clock) : TimeProvider
    {
        public int Asked { get; private set; }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp()
        {
            Asked++;
            return clock.GetTimestamp();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, dueTime, period);
    }
}
