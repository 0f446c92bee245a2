using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

/// <summary>How long a provider is waited for.</summary>
public sealed class MiniappTimeSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly WechatImitation _wechat = new();
    private readonly TaskCompletionSource _isAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Clock _clock = new();

    public Task InitializeAsync() => _wechat.StartAsync();

    public async Task DisposeAsync() => await _wechat.DisposeAsync();

    [Fact]
    public async Task A_silent_provider_is_given_up_by_our_clock()
    {
        using var apps = Apps();
        BeSilent();

        var redeeming = apps.Find("wechat", null).RedeemAsync(new Secret("abc"), CancellationToken.None);
        await _isAsked.Task;
        _clock.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        redeeming.IsCompleted.Should().BeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        (await ErrorAsync(redeeming)).Should().Be(IdentityError.ProviderTimedOut);
    }

    [Fact]
    public async Task Pauses_between_two_tries_are_part_of_the_time()
    {
        using var apps = Apps();
        _wechat.Errors.Enqueue("-1");

        var redeeming = apps.Find("wechat", null).RedeemAsync(new Secret("abc"), CancellationToken.None);

        // The time-out, and the pause.
        await Eventually.TrueAsync(() => Task.FromResult(_clock.Armed == 2), "the pause");
        BeSilent();
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        await _isAsked.Task;
        _clock.Advance(Timeout - TimeSpan.FromMilliseconds(200));

        (await ErrorAsync(redeeming)).Should().Be(IdentityError.ProviderTimedOut);
    }

    [Fact]
    public async Task A_client_that_leaves_is_no_time_out()
    {
        using var apps = Apps();
        using var leaving = new CancellationTokenSource();
        BeSilent();

        var redeeming = apps.Find("wechat", null).RedeemAsync(new Secret("abc"), leaving.Token);
        await _isAsked.Task;
        await leaving.CancelAsync();

        await redeeming.Invoking(one => one.WaitAsync(TimeSpan.FromSeconds(20))).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Nobody_at_the_address_is_a_failure()
    {
        using var apps = Apps();
        await _wechat.DisposeAsync();

        (await ErrorAsync(apps.Find("wechat", null).RedeemAsync(new Secret("abc"), CancellationToken.None)))
            .Should().Be(IdentityError.ProviderFailed);
    }

    private Miniapps Apps()
    {
        var entry = new MiniappEntry { Provider = "wechat", AppId = "wx1", Secret = new(WechatImitation.Apps["wx1"]), BaseUrl = _wechat.Address + "/" };
        return new Miniapps(Options.Create(new MiniappOptions { Timeout = Timeout, Apps = [entry] }), _clock);
    }

    private void BeSilent() => _wechat.Instead = async context =>
    {
        _isAsked.TrySetResult();
        await Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted);
    };

    private static async Task<IdentityError> ErrorAsync(Task redeeming)
    {
        var thrown = await redeeming.Invoking(one => one.WaitAsync(TimeSpan.FromSeconds(20))).Should().ThrowAsync<IdentityException>();
        return thrown.Which.Error;
    }
}
