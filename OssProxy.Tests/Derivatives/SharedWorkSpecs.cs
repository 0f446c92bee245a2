using OssProxy.Core.Derivatives;

namespace OssProxy.Tests.Derivatives;

public sealed class SharedWorkSpecs
{
    private readonly SharedWork<string> _work = new();

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task What_several_ask_for_is_done_once_and_anew_for_the_next()
    {
        var (calls, gate) = (0, Gate());
        Task<string> Ask(string name) => _work.RunAsync(name, async _ =>
        {
            calls++;
            await gate.Task;
            return name;
        }, admit: null, Deadline);

        var asking = new[] { Ask("a"), Ask("a"), Ask("b") };
        _work.Count.Should().Be(2);
        gate.SetResult();

        (await Task.WhenAll(asking)).Should().Equal("a", "a", "b");
        calls.Should().Be(2);
        _work.Count.Should().Be(0);
        (await Ask("a")).Should().Be("a");
        calls.Should().Be(3);
    }

    [Fact]
    public async Task A_failure_is_everybodys()
    {
        var gate = Gate();
        Task<string> Ask() => _work.RunAsync("a", async _ =>
        {
            await gate.Task;
            throw new InvalidDataException("broken");
        }, admit: null, Deadline);
        var asking = new[] { Ask(), Ask() };
        gate.SetResult();

        foreach (var one in asking)
            await FluentActions.Awaiting(() => one).Should().ThrowAsync<InvalidDataException>().WithMessage("broken");
        _work.Count.Should().Be(0);
    }

    [Fact]
    public async Task Who_leaves_takes_the_work_along_only_as_the_last()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        CancellationToken token = default;
        Task<string> Ask(CancellationToken left) => _work.RunAsync("a", async turn =>
        {
            token = turn.Token;
            await Task.Delay(Timeout.Infinite, turn.Token);
            return "";
        }, admit: null, left);
        var (one, other) = (Ask(first.Token), Ask(second.Token));

        await first.CancelAsync();
        await FluentActions.Awaiting(() => one).Should().ThrowAsync<OperationCanceledException>();
        token.IsCancellationRequested.Should().BeFalse();
        await second.CancelAsync();
        await FluentActions.Awaiting(() => other).Should().ThrowAsync<OperationCanceledException>();

        token.IsCancellationRequested.Should().BeTrue();
        _work.Count.Should().Be(0);
        (await _work.RunAsync("a", _ => Task.FromResult("anew"), admit: null, Deadline)).Should().Be("anew");
    }

    [Fact]
    public async Task Costly_work_begins_when_somebody_is_admitted_and_gives_back_what_they_took()
    {
        var (place, gate) = (new Place(), Gate());
        Task<string> Ask(Func<IDisposable> admit) => _work.RunAsync("a", async turn =>
        {
            await turn.AdmittedAsync();
            await gate.Task;
            return "done";
        }, admit, Deadline);

        var refused = Ask(() => throw new InvalidOperationException("full"));
        await FluentActions.Awaiting(() => refused).Should().ThrowAsync<InvalidOperationException>();
        _work.Count.Should().Be(0, "nobody waits any more");
        var admitted = Ask(() => place);
        gate.SetResult();

        (await admitted).Should().Be("done");
        place.IsGivenBack.Should().BeTrue();
        (await _work.RunAsync("b", _ => Task.FromResult("found"), () => throw new InvalidOperationException("not asked"), Deadline)).Should().Be("found");
    }

    private static TaskCompletionSource Gate() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Place : IDisposable
    {
        public bool IsGivenBack { get; private set; }

        public void Dispose() => IsGivenBack = true;
    }
}
