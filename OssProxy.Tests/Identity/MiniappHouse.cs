using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>A server with two apps of WeChat, one of Alipay and one of Douyin, and the three providers beside it.</summary>
public sealed class MiniappHouse : IAsyncLifetime
{
    internal WechatImitation Wechat { get; } = new();

    internal AlipayImitation Alipay { get; } = new();

    internal DouyinImitation Douyin { get; } = new();

    internal ApiServer Server { get; private set; } = null!;

    internal SpokenLines Spoken { get; } = new();

    internal ProviderImitation this[string provider] => provider switch
    {
        "wechat" => Wechat,
        "alipay" => Alipay,
        _ => Douyin,
    };

    public async Task InitializeAsync()
    {
        await Task.WhenAll(Wechat.StartAsync(), Alipay.StartAsync(), Douyin.StartAsync());
        Server = await ApiServer.StartAsync(
        [
            ("Rates:SignInsPerMinute", "0"),
            ("Logging:LogLevel:Default", "Trace"),
            ("Miniapps:Timeout", "00:00:10"),
            .. App(0, "wechat", "wx1", Wechat, ("Secret", WechatImitation.Apps["wx1"])),
            .. App(1, "wechat", "wx2", Wechat, ("Secret", WechatImitation.Apps["wx2"])),
            .. App(2, "alipay", AlipayImitation.App, Alipay,
                ("PrivateKey", AlipayImitation.AppPrivateKey), ("PublicKey", AlipayImitation.PublicKey)),
            .. App(3, "douyin", DouyinImitation.App, Douyin, ("Secret", DouyinImitation.Secret)),
        ]);
        Server.Services.GetRequiredService<ILoggerFactory>().AddProvider(Spoken);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Wechat.DisposeAsync();
        await Alipay.DisposeAsync();
        await Douyin.DisposeAsync();
    }

    /// <summary>The settings of one app whose provider is an imitation.</summary>
    internal static IEnumerable<(string Key, string Value)> App(
        int index, string provider, string app, ProviderImitation imitation, params (string Key, string Value)[] more) =>
        more.Append(("Provider", provider)).Append(("AppId", app)).Append(("BaseUrl", imitation.Address))
            .Select(pair => ($"Miniapps:Apps:{index}:{pair.Item1}", pair.Item2));

    internal Task<Answer> SignInAsync(string provider, string code, string? app = null, string path = "/api/miniapp/session") =>
        PostAsync(path, new { provider, code, appId = app });

    internal Task<Answer> PostAsync(string path, object body, string? token = null) => PostAsync(Server, path, JsonContent.Create(body), token);

    internal static async Task<Answer> PostAsync(ApiServer server, string path, HttpContent body, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        if (token is not null)
            request.Headers.Add("token", token);
        using var response = await server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    internal async Task<Answer> GetAsync(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "token", token } } };
        using var response = await Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>How many rows a table has.</summary>
    internal Task<long> CountAsync(string table) => Server.Services.GetRequiredService<RecordsDatabase>()
        .ReadAsync(session => session.ScalarAsync<long>($"SELECT count(*) FROM {table}"), CancellationToken.None);

    /// <summary>The newest line of the book.</summary>
    internal async Task<AuditEvent> LastDeedAsync() =>
        (await Server.Services.GetRequiredService<AuditTrail>().ListAsync(1, CancellationToken.None)).Entries[0].Event;

    /// <summary>Nothing that is secret has been logged, and everything that the providers were sent was as they want it.</summary>
    internal void ShouldHaveToldNobody(params string[] more)
    {
        string[] secrets =
        [
            .. WechatImitation.Apps.Values, WechatImitation.SessionKey, DouyinImitation.Secret, DouyinImitation.SessionKey,
            AlipayImitation.AccessToken, AlipayImitation.RefreshToken, "PRIVATE KEY", .. more,
        ];
        Spoken.HasSaid("Audit: ").Should().BeTrue("otherwise nothing was heard");
        foreach (var secret in secrets.SelectMany(text => new[] { text, Uri.EscapeDataString(text), JsonEncodedText.Encode(text).ToString() }).Distinct())
            Spoken.HasSaid(secret).Should().BeFalse(secret);
        Wechat.Complaints.Concat(Alipay.Complaints).Concat(Douyin.Complaints).Should().BeEmpty();
    }

    internal static StringContent Form(string text) => new(text, Encoding.UTF8, "application/x-www-form-urlencoded");
}

[CollectionDefinition(Name)]
public sealed class MiniappCollection : ICollectionFixture<MiniappHouse>
{
    public const string Name = "Mini-programs";
}
