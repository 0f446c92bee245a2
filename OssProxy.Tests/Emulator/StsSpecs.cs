using System.Text;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary>AssumeRole over the wire.</summary>
public sealed class StsSpecs : EmulatorSpecs
{
    private const string Uploader = "acs:ram::1234567890123456:role/uploader";
    private const string AllowAll = """{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}""";
    private readonly Clock _clock = new(new(2025, 3, 4, 8, 9, 10, TimeSpan.Zero));

    private StsClient Sts => new(Client, new(WireClient.AccessKeyId, WireClient.Secret), _clock);

    public override async Task InitializeAsync() => await StartAsync(With());

    [Theory]
    [InlineData("sts-rpc-01", 200, null)]
    [InlineData("sts-rpc-02", 200, null)]
    [InlineData("sts-rpc-03", 200, null)]
    [InlineData("sts-rpc-04", 400, "InvalidParameter.RoleSessionName")]
    [InlineData("sts-v3-01", 200, null)]
    [InlineData("sts-v3-02", 400, "InvalidParameter.RoleSessionName")]
    [InlineData("sts-v3-03", 404, "InvalidAction.NotFound")]
    [InlineData("sts-rpc-doc", 400, "InvalidTimeStamp.Expired")]
    public async Task What_official_clients_sent_is_answered(string id, int status, string? code)
    {
        var vector = StsVector.Load(id);
        await RestartAsync(With(new EmulatorRole { Arn = Uploader }), vector.Credential);
        var reply = new StsReply(await Client.SendAsync(
            vector.Method, vector.Target, vector.Method == "GET" ? null : vector.Body, Signing.None, [.. vector.Headers.Select(h => (h.Key == "host" ? "Host" : h.Key, h.Value))]));
        (reply.Status, reply.Code).Should().Be((status, code), reply.Message);
        var entry = Server.Requests.Snapshot()[^1];
        (entry.Operation, entry.ErrorCode).Should().Be((code == "InvalidAction.NotFound" ? OssOperation.Unknown : OssOperation.AssumeRole, code));
        entry.Headers.Should().NotContainKeys("authorization", "x-acs-security-token");
    }

    [Theory]
    [InlineData(StsWire.RpcForm)]
    [InlineData(StsWire.RpcPostQuery)]
    [InlineData(StsWire.RpcGet)]
    [InlineData(StsWire.Acs3)]
    [InlineData(StsWire.Acs3Form)]
    internal async Task A_role_is_given_and_signs_at_once(StsWire form)
    {
        var reply = await Sts.AssumeRoleAsync(form, ("DurationSeconds", "900"));
        reply.Status.Should().Be(200, reply.Message);
        (reply.Wire["Content-Type"], reply.Wire["x-acs-request-id"]).Should().Be(("application/json;charset=utf-8", reply.Text("RequestId")));
        reply.Text("RequestId").Should().MatchRegex("^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$");
        reply.Text("AssumedRoleUser").Should().MatchRegex("""^\{"Arn":"acs:ram::1000000000000000:role/ossproxy/app-1","AssumedRoleId":"\d{18}:app-1"\}$""");
        reply.Expiration.Should().Be("2025-03-04T08:24:10Z");
        reply.Key.Id.Should().StartWith("STS.");
        Server.Requests.Snapshot()[^1].Signature.Should().Be(form < StsWire.Acs3 ? SignatureForm.StsRpc : SignatureForm.StsAcs3);

        foreach (var signing in new[] { Signing.V1, Signing.V4 })
        {
            var holder = new WireClient(Server.Address, _clock, reply.Key);
            (await holder.SendAsync("PUT", "/photos/a", "x"u8.ToArray(), signing)).Status.Should().Be(200);
            (await new WireClient(Server.Address, _clock, reply.Key with { Token = null }).SendAsync("GET", "/photos/a", null, signing)).Code.Should().Be("InvalidAccessKeyId");
            (await new WireClient(Server.Address, _clock, reply.Key with { Token = "x" }).SendAsync("GET", "/photos/a", null, signing)).Code.Should().Be("InvalidSecurityToken");
            (await new WireClient(Server.Address, _clock, reply.Key with { Secret = "x" }).SendAsync("GET", "/photos/a", null, signing)).Code.Should().Be("SignatureDoesNotMatch");
        }
    }

    [Fact]
    public async Task Credentials_end_when_they_said_they_would()
    {
        var (key, other) = (await Sts.KeyAsync(null, ("DurationSeconds", "900")), await Sts.KeyAsync(null));
        key.Should().NotBe(other);
        _clock.Advance(TimeSpan.FromSeconds(899));
        (await new WireClient(Server.Address, _clock, key).GetAsync("/photos/a")).Code.Should().Be("NoSuchKey");
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await new WireClient(Server.Address, _clock, key).GetAsync("/photos/a")).Code.Should().Be("SecurityTokenExpired");
        (await new WireClient(Server.Address, _clock, other).GetAsync("/photos/a")).Code.Should().Be("NoSuchKey");
        (await new StsClient(Client, key, _clock).AssumeRoleAsync()).Code.Should().Be("InvalidSecurityToken.Expired");
    }

    [Theory]
    [InlineData("RoleArn", null, "MissingParameter")]
    [InlineData("RoleArn", "ossproxy", "InvalidParameter.RoleArn")]
    [InlineData("RoleArn", "acs:ram::x:role/ossproxy", "InvalidParameter.RoleArn")]
    [InlineData("RoleArn", "acs:ram::1000000000000000:user/ossproxy", "InvalidParameter.RoleArn")]
    [InlineData("RoleArn", "acs:ram::1000000000000000:role/", "InvalidParameter.RoleArn")]
    [InlineData("RoleArn", "acs:ram::1000000000000000:role/other", "EntityNotExist.Role")]
    [InlineData("RoleSessionName", null, "MissingParameter")]
    [InlineData("RoleSessionName", "a", "InvalidParameter.RoleSessionName")]
    [InlineData("RoleSessionName", "a b", "InvalidParameter.RoleSessionName")]
    [InlineData("RoleSessionName", "用户", "InvalidParameter.RoleSessionName")]
    [InlineData("RoleSessionName", "a.b@c_d-1", null)]
    [InlineData("DurationSeconds", "899", "InvalidParameter.DurationSeconds")]
    [InlineData("DurationSeconds", "900", null)]
    [InlineData("DurationSeconds", "3600", null)]
    [InlineData("DurationSeconds", "3601", "InvalidParameter.DurationSeconds")]
    [InlineData("DurationSeconds", "", "InvalidParameter.DurationSeconds")]
    [InlineData("DurationSeconds", "15m", "InvalidParameter.DurationSeconds")]
    [InlineData("Policy", "", "InvalidParameter.PolicySize")]
    [InlineData("Policy", "{", "InvalidParameter.PolicyGrammar")]
    [InlineData("Policy", AllowAll, null)]
    [InlineData("ExternalId", "a", "InvalidParameter")]
    [InlineData("ExternalId", "ab", null)]
    [InlineData("SourceIdentity", "alice", null)]
    [InlineData("Action", "GetCallerIdentity", "InvalidAction.NotFound")]
    [InlineData("Action", null, "MissingParameter")]
    [InlineData("Version", "2014-05-26", "InvalidVersion")]
    [InlineData("Format", "XML", "NotImplemented")]
    [InlineData("Format", null, "NotImplemented")]
    [InlineData("SignatureMethod", "HMAC-SHA256", "InvalidParameter")]
    [InlineData("SignatureVersion", "2.0", "InvalidParameter")]
    [InlineData("SignatureNonce", null, "MissingParameter")]
    [InlineData("Timestamp", "2025-03-04 08:09:10", "InvalidTimeStamp.Format")]
    [InlineData("Timestamp", "2025-03-04T08:09:10.123Z", null)]
    [InlineData("Timestamp", "2025-03-04T07:54:09Z", "InvalidTimeStamp.Expired")]
    [InlineData("Timestamp", "2025-03-04T08:24:11Z", "InvalidTimeStamp.Expired")]
    [InlineData("AccessKeyId", "nobody", "InvalidAccessKeyId.NotFound")]
    [InlineData("Signature", "d3Jvbmc=", "SignatureDoesNotMatch")]
    public async Task Every_parameter_has_its_rule(string name, string? value, string? code)
    {
        var reply = await Sts.AssumeRoleAsync((name, value));
        reply.Code.Should().Be(code, reply.Message);
        reply.Status.Should().Be(code switch
        {
            null => 200,
            "EntityNotExist.Role" or "InvalidAccessKeyId.NotFound" or "InvalidAction.NotFound" => 404,
            "NotImplemented" => 501,
            _ => 400,
        });
        if (code is not null)
            (reply.Text("HostId"), reply.Text("Recommend")).Should().Be((Server.Address.Authority, $"https://api.aliyun.com/troubleshoot?q={code}&product=Sts"));
    }

    [Fact]
    public async Task Names_and_policies_are_measured_to_the_character()
    {
        (await Sts.AssumeRoleAsync(("RoleSessionName", new string('a', 64)))).Status.Should().Be(200);
        (await Sts.AssumeRoleAsync(("RoleSessionName", new string('a', 65)))).Code.Should().Be("InvalidParameter.RoleSessionName");
        (await Sts.AssumeRoleAsync(("ExternalId", new string('a', 1225)))).Code.Should().Be("InvalidParameter");
        (await Sts.AssumeRoleAsync(("Policy", AllowAll.PadRight(2048)))).Status.Should().Be(200);
        (await Sts.AssumeRoleAsync(("Policy", AllowAll.PadRight(2049)))).Code.Should().Be("InvalidParameter.PolicySize");
        (await Sts.AssumeRoleAsync(("DurationSeconds", "3601"))).Message.Should().Be("The Min/Max value of DurationSeconds is 15min/1hr.");
    }

    [Theory]
    [InlineData(StsWire.RpcForm, "SignatureNonce")]
    [InlineData(StsWire.Acs3, "Nonce")]
    internal async Task A_call_cannot_be_played_again(StsWire form, string nonce)
    {
        (await Sts.AssumeRoleAsync(form, (nonce, "once"), ("RoleSessionName", "a"))).Code.Should().Be("InvalidParameter.RoleSessionName");
        (await Sts.AssumeRoleAsync(form, (nonce, "once"))).Code.Should().Be("SignatureNonceUsed");
        (await Sts.AssumeRoleAsync(form, (nonce, "twice"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_stranger_spends_nobodys_nonce()
    {
        (await Sts.AssumeRoleAsync(("SignatureNonce", "mine"), ("Signature", "d3Jvbmc="))).Code.Should().Be("SignatureDoesNotMatch");
        (await Sts.AssumeRoleAsync(("SignatureNonce", "mine"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_role_is_assumed_by_whom_it_trusts_for_as_long_as_it_says()
    {
        await RestartAsync(With(
            new EmulatorRole { Arn = Uploader, MaxSessionDuration = TimeSpan.FromHours(12), AssumedBy = { WireClient.AccessKeyId } },
            new EmulatorRole { Arn = "acs:ram::1234567890123456:role/chained", AssumedBy = { Uploader } },
            new EmulatorRole { Arn = "acs:ram::1234567890123456:role/nobody", AssumedBy = { "other" } }));
        (await Sts.AssumeRoleAsync(("RoleArn", Uploader), ("DurationSeconds", "43201"))).Message.Should().EndWith("15min/12hr.");
        (await Sts.AssumeRoleAsync()).Code.Should().Be("EntityNotExist.Role");
        foreach (var arn in new[] { "acs:ram::1234567890123456:role/chained", "acs:ram::1234567890123456:role/nobody" })
        {
            var refused = await Sts.AssumeRoleAsync(("RoleArn", arn));
            (refused.Status, refused.Code).Should().Be((403, "NoPermission"));
        }

        var key = await Sts.KeyAsync(null, ("RoleArn", Uploader), ("DurationSeconds", "43200"));
        foreach (var form in new[] { StsWire.RpcForm, StsWire.Acs3 })
        {
            var chained = new StsClient(Client, key, _clock);
            (await chained.AssumeRoleAsync(form, ("RoleArn", "acs:ram::1234567890123456:role/chained"))).Status.Should().Be(200);
            (await chained.AssumeRoleAsync(form, ("RoleArn", Uploader))).Code.Should().Be("NoPermission");
            (await new StsClient(Client, key with { Token = "x" }, _clock).AssumeRoleAsync(form)).Code.Should().Be("InvalidSecurityToken.MismatchWithAccessKey");
            (await new StsClient(Client, key with { Token = null }, _clock).AssumeRoleAsync(form)).Code.Should().Be("MissingSecurityToken");
        }
    }

    [Fact]
    public async Task A_session_that_may_not_assume_roles_does_not_get_out_of_its_policy()
    {
        var limited = new StsClient(Client, await Sts.KeyAsync(AllowAll), _clock);
        (await limited.AssumeRoleAsync()).Code.Should().Be("NoPermission");
        var free = new StsClient(Client, await Sts.KeyAsync(AllowAll.Replace("oss:*", "sts:AssumeRole", StringComparison.Ordinal)), _clock);
        (await free.AssumeRoleAsync()).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("acs:ram::x:role/a", null, 1)]
    [InlineData(Uploader, "{}", 1)]
    [InlineData(Uploader, null, 0.5)]
    [InlineData(Uploader, null, 13)]
    public async Task A_role_that_RAM_would_refuse_does_not_start(string arn, string? policy, double hours)
    {
        await Server.DisposeAsync();
        var start = () => StartAsync(With(new EmulatorRole { Arn = arn, Policy = policy, MaxSessionDuration = TimeSpan.FromHours(hours) }));
        (await start.Should().ThrowAsync<EmulatorStartException>()).Which.Message.Should().Contain("Emulator:Roles").And.Contain(arn);
        await StartAsync(With());
    }

    [Fact]
    public async Task Faults_strike_STS_by_name_in_its_own_words()
    {
        using (Server.Faults.Add(new() { Operation = OssOperation.AssumeRole, Status = 503, Count = 1 }))
        using (Server.Faults.Add(new() { Operation = OssOperation.AssumeRole, Status = 400, Code = "Throttling.User", Message = "Request was denied due to user flow control.", First = 2, Count = 1 }))
        {
            var busy = await Sts.AssumeRoleAsync(("SignatureNonce", "n"));
            (busy.Status, busy.Code).Should().Be((503, "ServiceUnavailable"));
            var throttled = await Sts.AssumeRoleAsync(("SignatureNonce", "n"));
            (throttled.Status, throttled.Code).Should().Be((400, "Throttling.User"));
            (await Client.GetAsync("/photos/a")).Status.Should().Be(403, "the wire client's clock is not the emulator's");
        }

        using var stall = Server.Faults.Add(new() { Operation = OssOperation.AssumeRole, Stall = true, Count = 1 });
        var slow = Sts.AssumeRoleAsync();
        await stall.WaitForHitAsync(WireClient.Deadline);
        slow.IsCompleted.Should().BeFalse();
        stall.Release();
        (await slow).Status.Should().Be(200);
    }

    [Fact]
    public async Task Requests_of_OSS_are_not_taken_for_STS()
    {
        var client = new WireClient(Server.Address, _clock);
        (await client.GetAsync("/")).Xml.Name.LocalName.Should().Be("ListAllMyBucketsResult");
        (await client.SendAsync("POST", "/", [])).Code.Should().Be("MethodNotAllowed");
        (await client.GetAsync("/photos/?Action=AssumeRole")).Xml.Name.LocalName.Should().Be("ListBucketResult");
        (await client.SendAsync("GET", "/?Action=AssumeRole", null, Signing.None, ("Host", "photos.localhost"))).Xml.Name.LocalName.Should().Be("Error");
        new StsReply(await client.SendAsync("POST", "/", "x"u8.ToArray(), Signing.None, ("Content-Type", "application/x-www-form-urlencoded"))).Code.Should().Be("MissingParameter");
        new StsReply(await client.SendAsync("POST", "/?Action=AssumeRole", Encoding.ASCII.GetBytes(new string('x', 200_000)), Signing.None)).Code.Should().Be("EntityTooLarge");
        new StsReply(await client.SendAsync("GET", "/?Action=%zz", null, Signing.None)).Code.Should().Be("InvalidParameter");
        new StsReply(await client.SendAsync("GET", "/", null, ("x-acs-action", "AssumeRole"))).Code.Should().Be("IncompleteSignature");
    }

    private EmulatorOptions With(params EmulatorRole[] roles)
    {
        var options = Options();
        options.TimeProvider = _clock;
        foreach (var role in roles)
            options.Roles.Add(role);

        return options;
    }

    private async Task RestartAsync(EmulatorOptions options, params EmulatorCredential[] more)
    {
        await Server.DisposeAsync();
        foreach (var credential in more)
            options.Credentials.Add(credential);

        await StartAsync(options);
    }
}
