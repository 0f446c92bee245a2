using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>A callback as it passed.</summary>
internal sealed record SeenCallback(string Target, byte[] Body, string? ContentType, string? Authorization, string? KeyUrl)
{
    /// <summary>Sends it once more, by whoever has seen it.</summary>
    public async Task<(HttpStatusCode Status, string Text)> SendAgainAsync(HttpClient client, Uri server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, Target)) { Content = new ByteArrayContent(Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        if (Authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", Authorization);
        if (KeyUrl is not null)
            request.Headers.TryAddWithoutValidation("x-oss-pub-key-url", KeyUrl);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}

/// <summary>A house whose store calls back, by way of somebody who sees each call and hands it on as it is.</summary>
public sealed class CallbackHouse : GrantHouse
{
    private readonly HttpClient _client = new();
    private WebApplication? _relay;
    private EmulatorServer? _emulator;
    private string _folder = "";
    private int _callbacks;

    /// <summary>How many calls have passed.</summary>
    internal int Callbacks => Volatile.Read(ref _callbacks);

    internal SeenCallback? LastCallback { get; private set; }

    internal override async Task<ApiServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _relay = builder.Build();
        _relay.Run(HandOnAsync);
        await _relay.StartAsync();
        var relay = _relay.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        _folder = Directory.CreateTempSubdirectory("ossproxy-callback-").FullName;
        _emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(_folder, "oss")), CancellationToken.None);
        return await ApiServer.StartAsync(
            _emulator, _folder, Quick,
            ("Sts:Endpoint", _emulator.Address.GetLeftPart(UriPartial.Authority)),
            ("Sts:RoleArn", EmulatorRole.DefaultArn),
            ("Grants:CallbackUrl", relay + "/oss/callback"),
            ("Grants:CallbackKeyHosts", "gosspublic.alicdn.com," + _emulator.CallbackKeyUrl.GetLeftPart(UriPartial.Authority)));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_relay is not null)
            await _relay.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandOnAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var seen = new SeenCallback(
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, body.ToArray(), context.Request.ContentType,
            context.Request.Headers.Authorization, context.Request.Headers["x-oss-pub-key-url"]);
        LastCallback = seen;
        var (status, text) = await seen.SendAgainAsync(_client, Server.Address);
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = System.Text.Encoding.UTF8.GetByteCount(text);
        await context.Response.WriteAsync(text);
        Interlocked.Increment(ref _callbacks);
    }
}

/// <summary>Somebody who gives out keys, and counts who asks.</summary>
internal sealed class KeyHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _asked;

    /// <param name="answer">What everybody gets who asks.</param>
    public KeyHost(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context =>
        {
            Interlocked.Increment(ref _asked);
            return answer(context);
        });
        ((IHost)_app).Start();
        Origin = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public KeyHost(byte[] key)
        : this(context => context.Response.Body.WriteAsync(key).AsTask())
    {
    }

    public Uri Origin { get; }

    public string Port => Origin.Port.ToString(CultureInfo.InvariantCulture);

    public int Asked => Volatile.Read(ref _asked);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
