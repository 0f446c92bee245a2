using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Api.Hosting;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Emulator;

/// <summary>The emulator inside the server, as it runs with no configuration at all.</summary>
public sealed class EmbeddedSpecs
{
    [Fact]
    public async Task It_asks_the_server_that_it_runs_in_for_what_is_to_be_processed()
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-embedded-").FullName;
        try
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions
            {
                ApplicationName = typeof(ApiHost).Assembly.GetName().Name,
                EnvironmentName = "Development",
                ContentRootPath = folder,
                Args = ["--hostBuilder:reloadConfigOnChange=false"],
            });
            var port = FreePort();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["urls"] = "http://127.0.0.1:0",
                ["Data:Folder"] = Path.Combine(folder, "data"),
                ["Emulator:Urls"] = $"http://127.0.0.1:{port}",
                ["Serilog:MinimumLevel:Default"] = "Fatal",
            });
            await using var app = ApiHost.Build(builder);
            await app.StartAsync();
            var main = app.Services.GetRequiredService<ObjectStores>().Main;
            var key = ObjectKey.Parse("images/a.jpg");
            await main.Store.PutAsync(key, new ObjectContent { Body = new MemoryStream([1, 2, 3]), Length = 3, ContentType = "image/jpeg" }, CancellationToken.None);

            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
            using var response = await client.GetAsync(main.Links.For(key) + "?x-oss-process=image/resize,w_1");

            // Whatever it says of three bytes that are no picture: it is the server that says so, not the emulator.
            response.StatusCode.Should().NotBe(HttpStatusCode.NotImplemented).And.NotBe(HttpStatusCode.ServiceUnavailable);
            response.Headers.Should().Contain(header => header.Key == "x-oss-request-id");
            await app.StopAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
