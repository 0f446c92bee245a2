using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Emulator;

namespace OssProxy.Tests.Grants;

/// <summary>The store's callbacks: each upload has one record whether they come, come late, twice, or from somebody else.</summary>
public sealed class CallbackSpecs(CallbackHouse house) : IClassFixture<CallbackHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);

    public enum Way
    {
        FormV1,
        FormV4,
        Put,
        Template,

        /// <summary>Aliyun's own SDK with temporary credentials.</summary>
        Sdk,
    }

    public static TheoryData<Way> Ways { get; } = [.. Enum.GetValues<Way>()];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_upload_is_recorded_by_its_callback_and_the_uploader_gets_the_record(Way way)
    {
        var (_, token) = await house.UserAsync();

        var (grant, key, answer) = await UploadAsync(way, token);

        answer.Status.Should().Be(HttpStatusCode.OK);
        using var told = JsonDocument.Parse(answer.Text);
        told.RootElement.GetProperty("code").GetInt32().Should().Be(200);
        told.RootElement.GetProperty("data").GetProperty("path").GetString().Should().Be(key);
        (await house.RowsOfAsync(key)).Should().Be(1);
        var confirmed = await house.ConfirmAsync(grant, key, token);
        confirmed.Data.GetProperty("id").GetInt64().Should().Be(told.RootElement.GetProperty("data").GetProperty("id").GetInt64());
        (await house.RowsOfAsync(key)).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_lost_callback_is_made_up_for_by_the_client(Way way)
    {
        Misbehave(way, new CallbackFault { Lose = true });
        var (_, token) = await house.UserAsync();

        var (grant, key, answer) = await UploadAsync(way, token);

        ((int)answer.Status).Should().BeInRange(200, 204);
        (await house.RowsOfAsync(key)).Should().Be(0, "nobody has called");
        (await house.ConfirmAsync(grant, key, token)).ShouldBeOk();
        (await house.RowsOfAsync(key)).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_lost_callback_of_a_client_that_says_nothing_is_made_up_for_by_the_keeper(Way way)
    {
        Misbehave(way, new CallbackFault { Lose = true });
        var (grant, key, _) = await UploadAsync(way, (await house.UserAsync()).Token);
        await house.ExpireAsync(grant, altogether: false);

        await house.KeepAsync();
        await house.ExpireAsync(grant, altogether: true);
        await house.KeepAsync();

        (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.GrantsOfAsync(grant)).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_callback_that_comes_three_times_makes_one_record(Way way)
    {
        var before = house.Callbacks;
        Misbehave(way, new CallbackFault { Times = 3 });

        var (_, key, answer) = await UploadAsync(way, (await house.UserAsync()).Token);

        answer.Status.Should().Be(HttpStatusCode.OK);
        await Eventually.TrueAsync(() => Task.FromResult(house.Callbacks >= before + 3), "all three have come");
        (await house.RowsOfAsync(key)).Should().Be(1);
    }

    [Theory]
    [InlineData(Way.FormV1)]
    [InlineData(Way.Put)]
    public async Task A_callback_that_comes_after_all_is_settled_changes_nothing(Way way)
    {
        var (_, token) = await house.UserAsync();
        var (grant, key, _) = await UploadAsync(way, token);
        var late = house.LastCallback!;
        await house.ExpireAsync(grant, altogether: true);
        await house.KeepAsync();
        (await house.GrantsOfAsync(grant)).Should().Be(0);

        var answer = await late.SendAgainAsync(house.Server.Client, house.Server.Address);

        answer.Status.Should().Be(HttpStatusCode.OK);
        (await house.RowsOfAsync(key)).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_forged_callback_is_refused_and_the_upload_has_one_record_all_the_same(Way way)
    {
        Misbehave(way, new CallbackFault { ForgeSignature = true });
        var (_, token) = await house.UserAsync();

        var (grant, key, answer) = await UploadAsync(way, token);

        ((int)answer.Status).Should().Be(203, "the receiver has refused it");
        answer.Text.Should().Contain("<Code>CallbackFailed</Code>");
        (await house.RowsOfAsync(key)).Should().Be(0);
        (await house.ConfirmAsync(grant, key, token)).ShouldBeOk();
        (await house.RowsOfAsync(key)).Should().Be(1);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("query")]
    [InlineData("case")]
    [InlineData("signature")]
    [InlineData("no signature")]
    [InlineData("no key")]
    public async Task What_was_signed_cannot_be_changed(string what)
    {
        await UploadAsync(Way.Put, (await house.UserAsync()).Token);
        var seen = house.LastCallback!;

        var answer = await (what switch
        {
            "body" => seen with { Body = [.. seen.Body, .. "&x=1"u8] },
            "query" => seen with { Target = seen.Target + "?admin=1" },
            "case" => seen with { Target = "/OSS/callback" },
            "signature" => seen with { Authorization = Convert.ToBase64String(RandomNumberGenerator.GetBytes(256)) },
            "no signature" => seen with { Authorization = null },
            _ => seen with { KeyUrl = null },
        }).SendAgainAsync(house.Server.Client, house.Server.Address);

        answer.Status.Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("http://gosspublic.alicdn.com.evil.example/callback_pub_key_v1.pem")]
    [InlineData("https://gosspublic.alicdn.com@evil.example/callback_pub_key_v1.pem")]
    [InlineData("http://evil.example/?x=http://gosspublic.alicdn.com/")]
    [InlineData("http://evil.example/#http://gosspublic.alicdn.com/")]
    [InlineData("http://gosspublic.alicdn.com:81/callback_pub_key_v1.pem")]
    [InlineData("ftp://gosspublic.alicdn.com/callback_pub_key_v1.pem")]
    [InlineData("file:///etc/passwd")]
    [InlineData("//gosspublic.alicdn.com/x.pem")]
    [InlineData("http://127.0.0.1:{other}/callback_pub_key_v1.pem")]
    [InlineData("http://localhost:{port}/__emulator/callback_pub_key_v1.pem")]
    [InlineData("http://user@127.0.0.1:{port}/__emulator/callback_pub_key_v1.pem")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://100.100.100.200/latest/meta-data")]
    [InlineData("http://127.0.0.1:{port}/test-bucket/callback_pub_key_v1.pem?x=1")]
    [InlineData("http://127.0.0.1:{port}/test-bucket/key.pem")]
    public async Task A_key_elsewhere_is_never_fetched(string url)
    {
        await UploadAsync(Way.Put, (await house.UserAsync()).Token);
        await using var elsewhere = new KeyHost("-----BEGIN PUBLIC KEY-----"u8.ToArray());
        var port = house.Server.Emulator.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var named = url.Replace("{port}", port, StringComparison.Ordinal)
            .Replace("{other}", elsewhere.Port, StringComparison.Ordinal);

        var answer = await (house.LastCallback! with { KeyUrl = Convert.ToBase64String(Encoding.UTF8.GetBytes(named)) })
            .SendAgainAsync(house.Server.Client, house.Server.Address);

        answer.Status.Should().Be(HttpStatusCode.Forbidden);
        answer.Text.Should().ContainAny("CallbackKeyRefused", "CallbackRefused");
        elsewhere.Asked.Should().Be(0);
    }

    [Fact]
    public async Task A_store_that_is_too_slow_to_be_asked_is_asked_later()
    {
        house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.GetObject, Status = 503, Code = "ServiceUnavailable" });
        var (grant, key, answer) = await UploadAsync(Way.Put, (await house.UserAsync()).Token);
        answer.Status.Should().Be(HttpStatusCode.OK);
        answer.Text.Should().Contain("\"status\":\"pending\"");
        house.Server.Emulator.Faults.Clear();

        await house.KeepAsync();

        (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.GrantsOfAsync(grant)).Should().Be(1);
    }

    // With the next upload, and no request before it.
    private void Misbehave(Way way, CallbackFault fault) => house.Server.Emulator.Faults.Add(new FaultRule
    {
        Operation = way is Way.Put or Way.Sdk ? OssOperation.PutObject : OssOperation.PostObject,
        Callback = fault,
        Count = 1,
    });

    private async Task<(string Grant, string Key, (HttpStatusCode Status, string Text) Answer)> UploadAsync(Way way, string token)
    {
        if (way == Way.Put)
        {
            var put = await house.PresignAsync(new { file_name = "a.jpg", size = Photo.Length }, token);
            using var response = await house.PutAsync(put, Photo);
            return (GrantHouse.Text(put, "grant"), GrantHouse.Text(put, "key"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        }

        if (way == Way.Sdk)
        {
            await NodeSdk.RestoreAsync();
            var sts = (await house.GetAsync("/oss/sts", token)).Data;
            var name = GrantHouse.Text(sts, "dir") + Guid.NewGuid().ToString("N") + ".jpg";
            using var said = JsonDocument.Parse(await NodeSdk.RunScriptAsync("our-callback.js", sts.GetRawText(), name, Samples.PathOf("photo.jpg")));
            return (GrantHouse.Text(sts, "grant"), name, ((HttpStatusCode)said.RootElement.GetProperty("status").GetInt32(), GrantHouse.Text(said.RootElement, "text")));
        }

        var query = way switch
        {
            Way.FormV1 => "?file_name=a.jpg&size=4000",
            Way.FormV4 => "?version=4&file_name=a.jpg&size=4000",
            _ => "",
        };
        var policy = await house.PolicyAsync(query, token);
        var key = way == Way.Template ? GrantHouse.Text(policy, "dir") + Guid.NewGuid().ToString("N") + ".jpg" : GrantHouse.Text(policy, "key");

        // Templates of old send the callback that the answer holds as a field of its own.
        using var posted = await house.PostFormAsync(
            policy, Photo, way == Way.Template ? key : null,
            fields =>
            {
                if (way == Way.Template)
                    fields.Add(new("callback", GrantHouse.Text(policy, "callback")));
            });
        return (GrantHouse.Text(policy, "grant"), key, (posted.StatusCode, await posted.Content.ReadAsStringAsync()));
    }
}
