using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace OssProxy.Tests.Clients;

/// <summary>The site of somebody who has copied the kit beside their page: one page at its root, the kit's files below.</summary>
internal sealed class ClientSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ClientSite(WebApplication app)
    {
        _app = app;
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

        // To browsers another site than 127.0.0.1, where the server and the store are.
        Address = $"http://localhost:{address.Port}/";
    }

    public string Address { get; }

    public static async Task<ClientSite> StartAsync(ClientKit kit, string html)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", () => Results.Content(html, "text/html; charset=utf-8"));
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(kit.Folder) });
        await app.StartAsync();
        return new ClientSite(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
