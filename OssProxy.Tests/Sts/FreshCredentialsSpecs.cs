using OssProxy.Core.Sts;

namespace OssProxy.Tests.Sts;

public sealed class FreshCredentialsSpecs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly Clock _clock = new();
    private readonly Queue<Func<Task<TemporaryCredentials>>> _next = new();
    private int _asked;

    [Fact]
    public async Task A_hundred_who_ask_at_once_wait_for_one_request()
    {
        var gate = new TaskCompletionSource<TemporaryCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        _next.Enqueue(() => gate.Task);
        var fresh = Fresh();

        var all = Enumerable.Range(0, 100).Select(_ => fresh.GetAsync(CancellationToken.None).AsTask()).ToList();
        gate.SetResult(Give(TimeSpan.FromMinutes(15)));
        var given = await Task.WhenAll(all).WaitAsync(Deadline);

        _asked.Should().Be(1);
        given.Should().AllSatisfy(one => one.Should().BeSameAs(given[0]));
    }

    [Theory]
    [InlineData(60, 55)]
    [InlineData(900.0 / 60, 10)]
    [InlineData(12, 8)]
    [InlineData(3, 2)]
    public async Task Others_are_fetched_when_five_minutes_or_a_third_of_their_life_is_left(double life, double until)
    {
        var fresh = Fresh();
        var first = Will(TimeSpan.FromMinutes(life));
        Will(TimeSpan.FromMinutes(life));

        (await GetAsync(fresh)).Should().BeSameAs(first);
        _clock.Advance(TimeSpan.FromMinutes(until) - TimeSpan.FromSeconds(1));
        (await GetAsync(fresh)).Should().BeSameAs(first);
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await GetAsync(fresh)).Should().NotBeSameAs(first);
        _asked.Should().Be(2);
    }

    [Fact]
    public async Task While_others_are_fetched_the_old_ones_do()
    {
        var fresh = Fresh();
        var first = Will(TimeSpan.FromMinutes(15));
        await GetAsync(fresh);
        var gate = new TaskCompletionSource<TemporaryCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        _next.Enqueue(() => gate.Task);
        _clock.Advance(TimeSpan.FromMinutes(10));

        var renewing = fresh.GetAsync(CancellationToken.None).AsTask();
        (await GetAsync(fresh)).Should().BeSameAs(first);
        var second = Give(TimeSpan.FromMinutes(15));
        gate.SetResult(second);

        (await renewing.WaitAsync(Deadline)).Should().BeSameAs(second);
        (await GetAsync(fresh)).Should().BeSameAs(second);
        _asked.Should().Be(2);
    }

    [Fact]
    public async Task A_failure_to_renew_is_nobodys_while_the_old_ones_are_good_for_a_minute()
    {
        var fresh = Fresh();
        var first = Will(TimeSpan.FromMinutes(15));
        await GetAsync(fresh);
        WillFail();
        _clock.Advance(TimeSpan.FromMinutes(10));

        (await GetAsync(fresh)).Should().BeSameAs(first);
        (await GetAsync(fresh)).Should().BeSameAs(first);
        _asked.Should().Be(2, "who has just failed is not asked again at once");

        WillFail();
        _clock.Advance(TimeSpan.FromSeconds(10));
        (await GetAsync(fresh)).Should().BeSameAs(first);
        _asked.Should().Be(3);

        WillFail();
        _clock.Advance(TimeSpan.FromMinutes(4) - TimeSpan.FromSeconds(10));
        await FailingAsync(fresh);
        _asked.Should().Be(4);

        var second = Will(TimeSpan.FromMinutes(15));
        (await GetAsync(fresh)).Should().BeSameAs(second);
    }

    [Fact]
    public async Task Nothing_is_given_that_has_expired()
    {
        var fresh = Fresh();
        Will(TimeSpan.FromMinutes(15));
        await GetAsync(fresh);
        _clock.Advance(TimeSpan.FromMinutes(15));
        fresh.HasEnded.Should().BeTrue();
        WillFail();
        await FailingAsync(fresh);

        Will(TimeSpan.Zero);
        await FailingAsync(fresh);
    }

    [Fact]
    public async Task What_expires_while_others_are_waited_for_is_not_given()
    {
        var fresh = Fresh();
        Will(TimeSpan.FromMinutes(15));
        await GetAsync(fresh);
        _clock.Advance(TimeSpan.FromMinutes(12));
        var gate = new TaskCompletionSource<TemporaryCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        _next.Enqueue(() => gate.Task);
        var waiting = fresh.GetAsync(CancellationToken.None).AsTask();
        _clock.Advance(TimeSpan.FromMinutes(4));
        gate.SetException(new StsException(StsError.StsUnavailable, "words"));

        var wait = () => waiting.WaitAsync(Deadline);
        (await wait.Should().ThrowAsync<StsException>()).Which.Error.Should().Be(StsError.StsUnavailable);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_the_request_to_the_others()
    {
        var gate = new TaskCompletionSource<TemporaryCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        _next.Enqueue(() => gate.Task);
        var fresh = Fresh();
        using var impatient = new CancellationTokenSource();
        var first = fresh.GetAsync(impatient.Token).AsTask();
        var second = fresh.GetAsync(CancellationToken.None).AsTask();

        await impatient.CancelAsync();
        var wait = () => first.WaitAsync(Deadline);
        await wait.Should().ThrowAsync<OperationCanceledException>();
        gate.SetResult(Give(TimeSpan.FromMinutes(15)));

        await second.WaitAsync(Deadline);
        await GetAsync(fresh);
        _asked.Should().Be(1);
    }

    [Fact]
    public async Task A_request_that_nobody_waits_for_any_more_is_of_use_to_the_next()
    {
        var gate = new TaskCompletionSource<TemporaryCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        _next.Enqueue(() => gate.Task);
        var fresh = Fresh();
        using var impatient = new CancellationTokenSource();
        var alone = fresh.GetAsync(impatient.Token).AsTask();
        await impatient.CancelAsync();
        var wait = () => alone.WaitAsync(Deadline);
        await wait.Should().ThrowAsync<OperationCanceledException>();

        var next = fresh.GetAsync(CancellationToken.None).AsTask();
        gate.SetResult(Give(TimeSpan.FromMinutes(15)));
        await next.WaitAsync(Deadline);
        _asked.Should().Be(1);
    }

    [Fact]
    public async Task Everybody_who_has_waited_hears_of_the_failure_and_the_next_one_asks_again()
    {
        var gate = new TaskCompletionSource<TemporaryCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        _next.Enqueue(() => gate.Task);
        var fresh = Fresh();
        var both = new[] { fresh.GetAsync(CancellationToken.None).AsTask(), fresh.GetAsync(CancellationToken.None).AsTask() };
        gate.SetException(new StsException(StsError.StsDenied, "words"));

        foreach (var one in both)
        {
            var wait = () => one.WaitAsync(Deadline);
            (await wait.Should().ThrowAsync<StsException>()).Which.Error.Should().Be(StsError.StsDenied);
        }

        Will(TimeSpan.FromMinutes(15));
        await GetAsync(fresh);
    }

    [Fact]
    public async Task What_the_store_refuses_is_replaced_unless_it_is_quite_new()
    {
        var fresh = Fresh();
        var first = Will(TimeSpan.FromMinutes(15));
        var second = Will(TimeSpan.FromMinutes(15));
        await GetAsync(fresh);

        fresh.Discard(first.Credentials.AccessKeyId).Should().BeFalse("no younger ones would fare better");
        _clock.Advance(TimeSpan.FromSeconds(10));
        fresh.Discard(first.Credentials.AccessKeyId).Should().BeTrue();
        (await GetAsync(fresh)).Should().BeSameAs(second);
        fresh.Discard(first.Credentials.AccessKeyId).Should().BeTrue("others are held already");
        (await GetAsync(fresh)).Should().BeSameAs(second);
    }

    [Fact]
    public void Nothing_of_it_prints_a_secret()
    {
        var given = Give(TimeSpan.FromMinutes(15));
        $"{given} {given.Credentials}".Should().Contain("STS.").And.Contain("***").And.NotContain("secret").And.NotContain("token");
    }

    private FreshCredentials Fresh() => new(
        () =>
        {
            Interlocked.Increment(ref _asked);
            return _next.Dequeue()();
        },
        _clock);

    private static Task<TemporaryCredentials> GetAsync(FreshCredentials fresh) => fresh.GetAsync(CancellationToken.None).AsTask().WaitAsync(Deadline);

    private static async Task FailingAsync(FreshCredentials fresh)
    {
        var get = () => GetAsync(fresh);
        (await get.Should().ThrowAsync<StsException>()).Which.Error.Should().Be(StsError.StsUnavailable);
    }

    private TemporaryCredentials Will(TimeSpan life)
    {
        var given = Give(life);
        _next.Enqueue(() => Task.FromResult(given));
        return given;
    }

    private void WillFail() => _next.Enqueue(() => Task.FromException<TemporaryCredentials>(new StsException(StsError.StsUnavailable, "words")));

    private TemporaryCredentials Give(TimeSpan life) =>
        new($"STS.{Guid.NewGuid():N}", "the-secret", "the-token", _clock.GetUtcNow() + life);
}
