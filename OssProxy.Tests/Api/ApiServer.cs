using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Api.Access;
using OssProxy.Api.Hosting;
using OssProxy.Emulator;

namespace OssProxy.Tests.Api;

/// <summary>The whole server on a real Kestrel, and an emulator beside it, each on a free port of loopback.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    public const string AdminKey = "an-admin-key-for-tests";
    public const string Bucket = "test-bucket";

    private readonly WebApplication _app;
    private bool _stopped;

    private ApiServer(WebApplication app, EmulatorServer emulator, string folder)
    {
        _app = app;
        Emulator = emulator;
        Folder = folder;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Those of every server of the tests: a look is to cost a tenth of a second where somebody else may try.</summary>
    internal static Passwords Passwords { get; } = new(iterations: 10_000);

    public Uri Address { get; }

    public HttpClient Client { get; }

    public EmulatorServer Emulator { get; }

    public string Folder { get; }

    public IServiceProvider Services => _app.Services;

    public string SpoolFolder => Path.Combine(Folder, "spool");

    /// <summary>Starts both; <paramref name="settings"/> override everything.</summary>
    public static async Task<ApiServer> StartAsync(params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-api-").FullName;
        var emulator = await EmulatorServer.StartAsync(EmulatorOptions(Path.Combine(folder, "oss")), CancellationToken.None);
        return await OrLeaveNothingAsync(emulator, folder, StartAsync(emulator, folder, settings));
    }

    /// <summary>Clears up after a server that does not start, as some are meant not to.</summary>
    internal static async Task<ApiServer> OrLeaveNothingAsync(EmulatorServer emulator, string folder, Task<ApiServer> starting)
    {
        try
        {
            return await starting;
        }
        catch
        {
            await emulator.DisposeAsync();
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public static Task<ApiServer> StartAsync(EmulatorServer emulator, string folder, params (string Key, string Value)[] settings) =>
        StartAsync(emulator, folder, _ => { }, settings);

    /// <summary>Starts the server beside an emulator, with parts of it in the place of those it would have.</summary>
    public static async Task<ApiServer> StartAsync(
        EmulatorServer emulator, string folder, Action<IServiceCollection> parts, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(ApiHost).Assembly.GetName().Name,
            EnvironmentName = "Production",
            ContentRootPath = folder,
            // Every file watch costs one of the few that the system grants.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Configuration.AddInMemoryCollection(Settings(emulator.Address, folder));
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        builder.Services.AddSingleton(Passwords);
        parts(builder.Services);
        var app = ApiHost.Build(builder);
        await app.StartAsync();
        return new ApiServer(app, emulator, folder);
    }

    public static EmulatorOptions EmulatorOptions(string folder) => new()
    {
        Urls = "http://127.0.0.1:0",
        Folder = folder,
        Buckets = { new EmulatorBucket { Name = Bucket } },
        Credentials = { new EmulatorCredential { AccessKeyId = "test-id", AccessKeySecret = "test-secret" } },
    };

    public static Dictionary<string, string?> Settings(Uri store, string folder) => new()
    {
        ["urls"] = "http://127.0.0.1:0",
        ["Oss:Endpoint"] = store.ToString().TrimEnd('/'),
        ["Oss:Region"] = "cn-hangzhou",
        ["Oss:Bucket"] = Bucket,
        ["Oss:AccessKeyId"] = "test-id",
        ["Oss:AccessKeySecret"] = "test-secret",
        ["Data:Folder"] = Path.Combine(folder, "data"),
        ["Uploads:TempFolder"] = Path.Combine(folder, "spool"),
        ["Auth:AdminKey"] = AdminKey,
        ["Guests:Allowed"] = "true",
        // A worker for every server of the tests would cost more than most of them.
        ["Images:Warm"] = "false",
        ["Serilog:MinimumLevel:Default"] = "Fatal",
    };

    /// <summary>A connection of its own, for what no well-behaved client would send.</summary>
    public async Task<RawConnection> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Address.Port);
        return new RawConnection(socket);
    }

    /// <summary>The keys of all objects in the store.</summary>
    public async Task<IReadOnlyList<string>> ObjectsAsync() => await StoreContents.KeysAsync(Services);

    /// <summary>Rows by state.</summary>
    public Task<StoreContents.Rows> RowsAsync() => StoreContents.RowsAsync(Path.Combine(Folder, "data"));

    /// <summary>Files in the spool folder.</summary>
    public IReadOnlyList<string> SpoolFiles() => Directory.Exists(SpoolFolder) ? Directory.GetFiles(SpoolFolder) : [];

    /// <summary>Stops the server alone, as an operator would.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_stopped)
            await StopAsync();
        await Emulator.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
