using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Oss;
using OssProxy.Core.Sts;
using OssProxy.Tests.Identity;

namespace OssProxy.Tests.Sts;

public sealed class StsClientSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly SessionPolicy Policy = SessionPolicy.ForPrefix("photos", "图片/a (1)!~+/", SessionActions.Upload);

    private readonly StsImitation _sts = new();
    private readonly SpokenLines _spoken = new();

    public static TheoryData<StsSignature> Signatures => [StsSignature.Acs3, StsSignature.Rpc];

    public Task InitializeAsync() => _sts.StartAsync();

    public Task DisposeAsync() => _sts.DisposeAsync().AsTask();

    [Theory]
    [MemberData(nameof(Signatures))]
    public async Task The_role_is_assumed_with_the_policy_that_is_asked_for(StsSignature signature)
    {
        using var client = Client(options => (options.Signature, options.ExternalId) = (signature, "tenant:7/a=b"));
        var before = DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var given = await AskAsync(client);

        given.Credentials.Should().BeEquivalentTo(new
        {
            AccessKeyId = "STS.1",
            AccessKeySecret = StsImitation.SecretOf(1),
            SecurityToken = StsImitation.TokenOf(1),
            given.ExpiresAt,
        });
        given.ExpiresAt.Should().BeOnOrAfter(before.AddMinutes(15)).And.BeBefore(before.AddMinutes(16));
        _sts.Asked.Should().ContainSingle().Which.Should().Contain(new Dictionary<string, string>
        {
            ["RoleArn"] = StsImitation.Role,
            ["RoleSessionName"] = "ossproxy",
            ["DurationSeconds"] = "900",
            ["Policy"] = Policy.Json,
            ["ExternalId"] = "tenant:7/a=b",
        });
        _sts.Complaints.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Signatures))]
    public async Task Who_has_temporary_credentials_signs_with_their_token(StsSignature signature)
    {
        _sts.Callers["STS.caller"] = ("sts-caller-secret", "CAIS+caller/token==");
        using var client = Client(
            options => options.Signature = signature, new OssKey(new OssCredentials("STS.caller", "sts-caller-secret", "CAIS+caller/token==")));

        await AskAsync(client);
        _sts.Complaints.Should().BeEmpty();
    }

    [Theory]
    [InlineData(StsSignature.Acs3, 500, "InternalError")]
    [InlineData(StsSignature.Rpc, 503, "ServiceUnavailable")]
    [InlineData(StsSignature.Acs3, 400, "Throttling.User")]
    [InlineData(StsSignature.Rpc, 429, "Throttling")]
    [InlineData(StsSignature.Rpc, 400, "SignatureNonceUsed")]
    public async Task What_may_pass_is_tried_again_with_another_number(StsSignature signature, int status, string code)
    {
        using var client = Client(options => options.Signature = signature);
        _sts.Refuse(status, code);
        _sts.Refuse(status, code);

        await AskAsync(client);
        _sts.Requests.Should().Be(3);
    }

    [Theory]
    [InlineData(400, "InvalidParameter.RoleArn", StsError.StsMisconfigured, 1)]
    [InlineData(400, "InvalidParameter.PolicyGrammar", StsError.StsMisconfigured, 1)]
    [InlineData(404, "EntityNotExist.Role", StsError.StsMisconfigured, 1)]
    [InlineData(403, "NoPermission", StsError.StsDenied, 1)]
    [InlineData(404, "InvalidAccessKeyId.NotFound", StsError.StsDenied, 1)]
    [InlineData(400, "SignatureDoesNotMatch", StsError.StsDenied, 1)]
    [InlineData(400, "Throttling.User", StsError.StsBusy, 3)]
    [InlineData(503, "ServiceUnavailable", StsError.StsBusy, 3)]
    [InlineData(500, "InternalError", StsError.StsUnavailable, 3)]
    public async Task A_refusal_says_whose_matter_it_is_and_repeats_no_words(int status, string code, StsError error, int requests)
    {
        using var client = Client();
        for (var i = 0; i < 3; i++)
            _sts.Refuse(status, code);
        var failure = await FailAsync(client);

        failure.Error.Should().Be(error);
        failure.Message.Should().Contain(code).And.Contain("2CF1CC4F-3B0E-4D4F-8F2D-D1A5E2C93B5A");
        _sts.Requests.Should().Be(requests);
        ShouldHoldNoSecret(failure);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>200</html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Credentials":{"AccessKeyId":"STS.x","AccessKeySecret":"given-secret-9","SecurityToken":"given-token-9"}}""")]
    [InlineData("""{"Credentials":{"AccessKeyId":"STS.x","AccessKeySecret":"given-secret-9","SecurityToken":"given-token-9","Expiration":"soon"}}""")]
    [InlineData("""{"Credentials":{"AccessKeyId":"STS.x","AccessKeySecret":"given-secret-9\r\nX: y","SecurityToken":"t","Expiration":"2036-01-01T00:00:00Z"}}""")]
    [InlineData("""{"Credentials":{"AccessKeyId":"STS.x","AccessKeyId":"STS.y","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2036-01-01T00:00:00Z"}}""")]
    public async Task An_answer_that_cannot_be_read_in_one_way_is_none(string text)
    {
        using var client = Client();
        for (var i = 0; i < 3; i++)
            _sts.Instead.Enqueue(context => context.Response.WriteAsync(text));
        var failure = await FailAsync(client);

        failure.Error.Should().Be(StsError.StsUnavailable);
        failure.ToString().Should().NotContain("given-secret-9").And.NotContain("given-token-9");
    }

    [Fact]
    public async Task An_answer_is_not_taken_in_beyond_64_KiB()
    {
        using var client = Client();
        _sts.Instead.Enqueue(async context =>
        {
            var piece = Encoding.ASCII.GetBytes(new string(' ', 32 * 1024));
            for (var i = 0; i < 3; i++)
                await context.Response.Body.WriteAsync(piece);
        });

        (await FailAsync(client)).Error.Should().Be(StsError.StsUnavailable);
        _sts.Requests.Should().Be(1);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = new StsImitation();
        await elsewhere.StartAsync();
        using var client = Client();
        for (var i = 0; i < 3; i++)
        {
            _sts.Instead.Enqueue(context =>
            {
                context.Response.Redirect(elsewhere.Address + "/?Action=AssumeRole", permanent: false, preserveMethod: true);
                return Task.CompletedTask;
            });
        }

        (await FailAsync(client)).Error.Should().Be(StsError.StsUnavailable);
        elsewhere.Requests.Should().Be(0);
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again()
    {
        using var client = Client();
        _sts.Instead.Enqueue(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        (await AskAsync(client)).Credentials.AccessKeyId.Should().Be("STS.1");
    }

    [Fact]
    public async Task Nobody_there_is_unavailable()
    {
        using var client = Client();
        await _sts.DisposeAsync();

        (await FailAsync(client)).Error.Should().Be(StsError.StsUnavailable);
    }

    [Fact]
    public async Task All_of_it_ends_with_its_own_time_out()
    {
        var clock = new Clock();
        _sts.Time = clock;
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sts.Instead.Enqueue(async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = Client(time: clock);
        var asking = FailAsync(client);
        await arrived.Task.WaitAsync(Deadline);
        clock.Advance(TimeSpan.FromSeconds(5));

        (await asking).Error.Should().Be(StsError.StsTimedOut);
    }

    [Fact]
    public async Task A_caller_who_leaves_is_no_failure_of_STS()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sts.Instead.Enqueue(async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = Client();
        using var caller = new CancellationTokenSource();
        var asking = client.AssumeRoleAsync(new RoleRequest(StsOptions.MinDuration, Policy), caller.Token);
        await arrived.Task.WaitAsync(Deadline);
        await caller.CancelAsync();

        var wait = () => asking.WaitAsync(Deadline);
        await wait.Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-3)]
    public async Task A_clock_that_is_refused_is_corrected_and_what_is_given_lives_as_long_by_ours(int hours)
    {
        var ours = new Clock();
        _sts.Time = new Clock(ours.GetUtcNow().AddHours(hours));
        using var client = Client(time: ours);
        var asking = AskAsync(client);

        // The pause between the attempts.
        await ours.AdvanceUntilAsync(() => asking.IsCompleted, TimeSpan.FromMilliseconds(100), "the second attempt");
        var given = await asking;
        given.ExpiresAt.Should().Be(_sts.Time.GetUtcNow().AddMinutes(15));
        given.GoodUntil.Should().BeOnOrBefore(ours.GetUtcNow().AddMinutes(15)).And.BeAfter(ours.GetUtcNow().AddMinutes(14));
        _sts.Requests.Should().Be(2);
    }

    [Fact]
    public async Task A_clock_that_is_a_little_slow_does_not_make_them_live_longer()
    {
        var ours = new Clock();
        _sts.Time = new Clock(ours.GetUtcNow().AddMinutes(10));
        using var client = Client(time: ours);

        (await AskAsync(client)).GoodUntil.Should().Be(ours.GetUtcNow().AddMinutes(15));
    }

    [Fact]
    public async Task Without_a_role_nobody_is_asked()
    {
        using var client = Client(options => options.RoleArn = "");

        (await FailAsync(client)).Error.Should().Be(StsError.StsNotConfigured);
        _sts.Requests.Should().Be(0);
    }

    private StsClient Client(Action<StsOptions>? change = null, IOssCredentialsSource? caller = null, TimeProvider? time = null)
    {
        var options = new StsOptions { Endpoint = _sts.Address, RoleArn = StsImitation.Role };
        change?.Invoke(options);
        return new StsClient(
            options, "", caller ?? new OssKey(new OssCredentials(StsImitation.KeyId, StsImitation.Secret, null)), time ?? TimeProvider.System,
            LoggerFactory.Create(logging => logging.AddProvider(_spoken).SetMinimumLevel(LogLevel.Trace)).CreateLogger<StsClient>());
    }

    private static Task<TemporaryCredentials> AskAsync(StsClient client) =>
        client.AssumeRoleAsync(new RoleRequest(StsOptions.MinDuration, Policy), CancellationToken.None).WaitAsync(Deadline);

    private static async Task<StsException> FailAsync(StsClient client)
    {
        var ask = () => AskAsync(client);
        return (await ask.Should().ThrowAsync<StsException>()).Which;
    }

    private void ShouldHoldNoSecret(Exception failure)
    {
        failure.ToString().Should().NotContain(StsImitation.Secret).And.NotContain("given-secret").And.NotContain("given-token");
        _spoken.HasSaid(StsImitation.Secret).Should().BeFalse();
    }
}
