using System.Net.Http.Json;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Identity;

namespace OssProxy.Tests.Grants;

/// <summary>The temporary credentials that a mini-program gets along with its session.</summary>
public sealed class SignInCredentialSpecs
{
    [Theory]
    [InlineData("/api/miniapp/session")]
    [InlineData("/createSession")]
    public async Task Who_signs_in_gets_credentials_for_their_own_folder_and_is_signed_in_without_any_too(string path)
    {
        await using var wechat = new WechatImitation();
        await wechat.StartAsync();
        var folder = Directory.CreateTempSubdirectory("ossproxy-signin-").FullName;
        var emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(folder, "oss")), CancellationToken.None);
        await using var server = await ApiServer.StartAsync(
            emulator, folder,
            [
                ("Sts:Endpoint", emulator.Address.GetLeftPart(UriPartial.Authority)), ("Sts:RoleArn", EmulatorRole.DefaultArn),
                .. MiniappHouse.App(0, "wechat", "wx1", wechat, ("Secret", WechatImitation.Apps["wx1"])),
            ]);

        var first = await SignInAsync(server, path, wechat.NewCode("wx1", "ming"));
        first.ShouldBeOk();
        var sts = first.Data.GetProperty("sts");
        foreach (var name in new[] { "AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration" })
            sts.GetProperty(name).GetString().Should().NotBeNullOrEmpty();
        sts.GetProperty("dir").GetString().Should().Be($"uploads/{first.Data.GetProperty("user").GetProperty("id").GetInt64()}/");

        using var fault = emulator.Faults.Add(new FaultRule { Operation = OssOperation.AssumeRole, Status = 403, Code = "NoPermission" });
        var without = await SignInAsync(server, path, wechat.NewCode("wx1", "hong"));
        without.ShouldBeOk();
        without.Data.TryGetProperty("sts", out _).Should().BeFalse();
        without.Data.GetProperty("token").GetString().Should().NotBeEmpty();
    }

    private static async Task<Answer> SignInAsync(ApiServer server, string path, string code)
    {
        using var answer = await server.Client.PostAsJsonAsync(path, new { provider = "wechat", code });
        return await Answer.ReadAsync(answer);
    }
}
