using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary>Callbacks that go astray: what a receiver must live with, on request.</summary>
public sealed class CallbackFaultSpecs : EmulatorSpecs
{
    private readonly CallbackReceiver _receiver = new();
    private readonly Clock _clock = new(TimeProvider.System.GetUtcNow());

    public override async Task InitializeAsync()
    {
        var options = Options();
        options.TimeProvider = _clock;
        options.ControlEndpoint = true;
        await StartAsync(options);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Theory]
    [InlineData(UploaderHears.Receiver, 200)]
    [InlineData(UploaderHears.Success, 200)]
    [InlineData(UploaderHears.Failure, 203)]
    public async Task A_lost_callback_leaves_the_object_and_an_answer(UploaderHears uploader, int status)
    {
        using var fault = Server.Faults.Add(new() { Callback = new() { Lose = true, Uploader = uploader } });
        var put = await PutAsync("lost");
        (put.Status, put.Code).Should().Be((status, status == 203 ? "CallbackFailed" : null));
        put["ETag"].Should().NotBeNull();
        fault.Dispose();
        (await PutAsync("lost")).Text.Should().Be("""{"Status":"OK"}""");
        (await _receiver.NextAsync()).Text.Should().Be("k=lost");
        _receiver.Waiting.Should().Be(0);
    }

    [Fact]
    public async Task A_form_whose_callback_is_lost_is_answered_as_one_without()
    {
        using var fault = Server.Faults.Add(new() { Operation = OssOperation.PostObject, Callback = new() { Lose = true } });
        var posted = await new WireForm(("key", "k"), ("callback", Order())).Signed(WireForm.AnySize).PostAsync(Client);
        (posted.Status, fault.Hits, _receiver.Waiting).Should().Be((204, 1, 0));
    }

    [Fact]
    public async Task A_late_callback_may_keep_the_uploader_waiting()
    {
        Server.Faults.Add(new() { Callback = new() { Delay = TimeSpan.FromMinutes(1) } });
        var putting = PutAsync("late");

        // Stored, and one timer armed: that of the delay. An earlier move would strike the timer of the body.
        await Eventually.TrueAsync(
            () => Task.FromResult(_clock.Armed == 1 && Blobs().Any(f => Path.GetFileName(Path.GetDirectoryName(f)) == "blobs")), "the callback was put off");
        putting.IsCompleted.Should().BeFalse();
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await putting).Text.Should().Be("""{"Status":"OK"}""");
    }

    [Theory]
    [InlineData(UploaderHears.Success, 200)]
    [InlineData(UploaderHears.Failure, 203)]
    public async Task A_late_callback_may_come_after_the_uploader_has_its_answer(UploaderHears uploader, int status)
    {
        Server.Faults.Add(new() { Callback = new() { Delay = TimeSpan.FromMinutes(1), Uploader = uploader } });
        (await PutAsync("late")).Status.Should().Be(status);
        _clock.Advance(TimeSpan.FromSeconds(59));
        _receiver.Waiting.Should().Be(0);
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await _receiver.NextAsync()).Text.Should().Be("k=late");
    }

    [Fact]
    public async Task A_late_callback_is_given_up_with_the_emulator()
    {
        Server.Faults.Add(new() { Callback = new() { Delay = TimeSpan.FromDays(1), Uploader = UploaderHears.Success } });
        (await PutAsync("never")).Status.Should().Be(200);
        await Server.DisposeAsync().AsTask().WaitAsync(WireClient.Deadline);
        _receiver.Waiting.Should().Be(0);
    }

    [Fact]
    public async Task A_callback_may_come_several_times()
    {
        Server.Faults.Add(new() { Callback = new() { Times = 3 } });
        (await PutAsync("often")).Text.Should().Be("""{"Status":"OK"}""");
        var calls = new[] { await _receiver.NextAsync(), await _receiver.NextAsync(), await _receiver.NextAsync() };
        calls.Select(c => (c.Text, c.Headers["authorization"])).Distinct().Should().HaveCount(1);
        _receiver.Waiting.Should().Be(0);
    }

    [Fact]
    public async Task A_forged_callback_has_a_signature_that_does_not_hold()
    {
        using (Server.Faults.Add(new() { Callback = new() { ForgeSignature = true } }))
            await PutAsync("forged");

        await PutAsync("true");
        (await IsSignedAsync(await _receiver.NextAsync())).Should().BeFalse();
        (await IsSignedAsync(await _receiver.NextAsync())).Should().BeTrue();
    }

    [Fact]
    public async Task A_callback_may_name_a_key_of_somebody_else()
    {
        Server.Faults.Add(new() { Callback = new() { KeyUrl = "http://gosspublic.alicdn.com.evil.example/k.pem" } });
        await PutAsync("foreign");
        var called = await _receiver.NextAsync();
        Encoding.UTF8.GetString(Convert.FromBase64String(called.Headers["x-oss-pub-key-url"])).Should().Be("http://gosspublic.alicdn.com.evil.example/k.pem");
    }

    [Fact]
    public async Task Other_processes_set_them_over_HTTP()
    {
        var rule = """{"operation":"PutObject","keyPattern":"lost*","count":1,"callback":{"lose":true,"uploader":"Failure"}}"""u8.ToArray();
        (await Client.SendAsync("POST", "/__emulator/faults", rule, Signing.None, ("Content-Type", "application/json"))).Status.Should().Be(200);
        (await PutAsync("other")).Status.Should().Be(200);
        (await PutAsync("lost1")).Status.Should().Be(203);
        (await PutAsync("lost2")).Status.Should().Be(200);
        (await Client.SendAsync("GET", "/__emulator/faults", null, Signing.None)).Text.Should().Contain("\"uploader\":\"Failure\"");
        (await Client.SendAsync("POST", "/__emulator/faults", """{"callback":{"loose":true}}"""u8.ToArray(), Signing.None, ("Content-Type", "application/json"))).Status.Should().Be(400);
    }

    private string Order() =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { callbackUrl = _receiver.Authority, callbackBody = "k=${object}" })));

    private Task<WireReply> PutAsync(string key) => new WireClient(Server.Address, _clock).PutAsync("/photos/" + key, "hello", ("x-oss-callback", Order()));

    private async Task<bool> IsSignedAsync(ReceivedCallback called)
    {
        using var key = RSA.Create();
        key.ImportFromPem((await Client.SendAsync("GET", Server.CallbackKeyUrl.AbsolutePath, null, Signing.None)).Text);
        return key.VerifyData(called.SignedText, Convert.FromBase64String(called.Headers["authorization"]), HashAlgorithmName.MD5, RSASignaturePadding.Pkcs1);
    }
}
