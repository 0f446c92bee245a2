using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Reconciliation;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Reconciliation;

/// <summary>When the work under a lease begins and ends, by a clock that the test moves.</summary>
public sealed class LeaseHolderSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly SqliteTestDatabase _bed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Tenure> _tenures = [];

    public Task InitializeAsync() => _bed.StartAsync();

    public async Task DisposeAsync()
    {
        _stop.Dispose();
        await _bed.DisposeAsync();
    }

    [Fact]
    public async Task The_work_goes_on_for_as_long_as_the_lease_is_renewed_and_the_next_one_begins_at_once_after_a_stop()
    {
        var running = RunAsync("one");
        await BegunAsync(1);
        for (var third = 0; third < 9; third++)
        {
            await Eventually.TrueAsync(() => Task.FromResult(_bed.Clock.Armed == 2), "the end of the tenure and the next renewal are armed");
            _bed.Clock.Advance(Duration / 3);
            var end = (_bed.Clock.GetUtcNow() + Duration).ToUnixTimeMilliseconds();
            await Eventually.TrueAsync(async () => await _bed.CountAsync("SELECT expires_at FROM lease") == end, "the lease is renewed");
        }

        _tenures.Should().ContainSingle().Which.Token.IsCancellationRequested.Should().BeFalse();
        await _stop.CancelAsync();
        await running;

        var next = await Leases().TryAcquireAsync("work", "two", _bed.Deadline);
        next!.Fence.Should().Be(2);
    }

    [Fact]
    public async Task Without_a_renewal_the_work_ends_after_two_thirds_before_anybody_else_can_begin()
    {
        var running = RunAsync("one");
        await BegunAsync(1);
        await _bed.RunAsync("CREATE TRIGGER broken BEFORE UPDATE ON lease BEGIN SELECT RAISE(ABORT, 'disk on fire'); END");
        var began = _bed.Clock.GetUtcNow();

        await _bed.Clock.AdvanceUntilAsync(() => _tenures[0].Token.IsCancellationRequested, Step, "the tenure is over");

        (_bed.Clock.GetUtcNow() - began).Should().BeGreaterThanOrEqualTo(Duration / 3).And.BeLessThan(Duration);
        await _bed.RunAsync("DROP TRIGGER broken");
        await _bed.Clock.AdvanceUntilAsync(() => Begun == 2, Step, "it is begun again");
        _tenures[1].Hold.Fence.Should().Be(2);
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Work_whose_lease_another_has_taken_ends_with_the_next_renewal()
    {
        var running = RunAsync("one");
        await BegunAsync(1);
        await _bed.RunAsync("UPDATE lease SET holder = 'two', fence = fence + 1");

        await _bed.Clock.AdvanceUntilAsync(() => _tenures[0].Token.IsCancellationRequested, Step, "the loss is noticed");

        (await _bed.TextAsync("SELECT holder FROM lease")).Should().Be("two");
        (await _bed.CountAsync("SELECT fence FROM lease WHERE expires_at > 0")).Should().Be(2, "the late release does nothing");
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Work_that_fails_is_begun_again()
    {
        var running = new LeaseHolder(Leases(), "one", _bed.Clock, NullLogger<LeaseHolder>.Instance).RunAsync(
            "work",
            tenure =>
            {
                Remember(tenure);
                return _tenures.Count == 1 ? throw new InvalidOperationException("odd") : Task.Delay(Timeout.Infinite, tenure.Token);
            },
            _stop.Token);

        await _bed.Clock.AdvanceUntilAsync(() => Begun == 2, Step, "it is begun again");

        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_tenure_that_stood_still_is_over_before_its_timer_has_fired()
    {
        var late = new LateTimers(_bed.Clock);
        using var tenure = new Tenure(new LeaseHold("work", "one", 1), Duration, late.GetTimestamp(), late, CancellationToken.None);
        tenure.ThrowIfOver();
        _bed.Clock.Advance(Duration * 2 / 3);
        tenure.Token.IsCancellationRequested.Should().BeFalse("no timer of this clock ever fires");

        FluentActions.Invoking(tenure.ThrowIfOver).Should().Throw<OperationCanceledException>();
        tenure.Token.IsCancellationRequested.Should().BeTrue();
        tenure.Confirm(late.GetTimestamp());
        FluentActions.Invoking(tenure.ThrowIfOver).Should().Throw<OperationCanceledException>("once over it stays over");
        await _stop.CancelAsync();
    }

    private int Begun
    {
        get
        {
            lock (_tenures)
                return _tenures.Count;
        }
    }

    private Leases Leases() => new(_bed.Database, Duration, _bed.Clock);

    private Task RunAsync(string holder) => new LeaseHolder(Leases(), holder, _bed.Clock, NullLogger<LeaseHolder>.Instance).RunAsync(
        "work",
        tenure =>
        {
            Remember(tenure);
            return Task.Delay(Timeout.Infinite, tenure.Token);
        },
        _stop.Token);

    private void Remember(Tenure tenure)
    {
        lock (_tenures)
            _tenures.Add(tenure);
    }

    private Task BegunAsync(int times) => Eventually.TrueAsync(() => Task.FromResult(Begun == times), "the work has begun");

    /// <summary>A process that was stopped and continued: its clock has moved on, its timers have not been served yet.</summary>
    private sealed class LateTimers(Clock clock) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                // There is nothing.
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
