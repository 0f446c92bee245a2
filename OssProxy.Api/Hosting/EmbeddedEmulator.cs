using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Grants;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Emulator;

namespace OssProxy.Api.Hosting;

/// <summary>
/// The OSS of those who have none: in Development, with no <c>Oss:Endpoint</c>, an emulator runs inside this process and the configuration
/// is completed so that everything goes to it over HTTP, signed, as it would to the real service.
/// </summary>
internal sealed partial class EmbeddedEmulator(
    EmulatorOptions options, IHostApplicationLifetime lifetime, IServer server, ILogger<EmbeddedEmulator> log) : IHostedService, IAsyncDisposable
{
    private EmulatorServer? _server;
    private CancellationTokenRegistration _started;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // What is processed is processed here, and where that is is known when Kestrel listens.
        if (options.ImageServiceUrl.Length == 0)
            _started = lifetime.ApplicationStarted.Register(() => options.ImageServiceUrl = OwnAddress.Of(server, "/img/") ?? "");
        _server = await EmulatorServer.StartAsync(options, cancellationToken);
        LogStarted(_server.Address, Path.GetFullPath(options.Folder));
    }

    // Stopped by disposal, after every service that may still want to reach the store.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _started.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "No Oss:Endpoint is configured: an emulator answers at {Address} and keeps its objects in {Folder}")]
    private partial void LogStarted(Uri address, string folder);
}

/// <summary>Where the emulator reaches this process.</summary>
internal static class OwnAddress
{
    /// <summary>On loopback; null before the server listens, and where it listens with HTTPS alone.</summary>
    public static string? Of(IServer server, string path) =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse).FirstOrDefault(one => one.Scheme == Uri.UriSchemeHttp)
            is { } own ? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{own.Port}{path}") : null;
}

/// <summary>Decides whether an emulator is needed.</summary>
internal static class EmbeddedEmulatorRegistration
{
    private const string DefaultBucket = "ossproxy";
    private const string DefaultRegion = "cn-hangzhou";

    public static void AddEmbeddedEmulator(this WebApplicationBuilder builder)
    {
        if (Options(builder) is not { } options)
            return;

        builder.Services.AddSingleton<IHostedService>(services =>
        {
            options.LoggerFactory = services.GetRequiredService<ILoggerFactory>();
            return new EmbeddedEmulator(
                options, services.GetRequiredService<IHostApplicationLifetime>(), services.GetRequiredService<IServer>(),
                services.GetRequiredService<ILogger<EmbeddedEmulator>>());
        });
    }

    /// <summary>The emulator's options, after the client's have been pointed at it; null when the configuration names a store.</summary>
    public static EmulatorOptions? Options(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var storage = configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
        var oss = configuration.GetSection(OssOptions.Section).Get<OssOptions>() ?? new OssOptions();
        if (!builder.Environment.IsDevelopment() || storage.Provider != "oss" || oss.Endpoint.Length > 0)
            return null;

        var data = configuration.GetSection(DataOptions.Section).Get<DataOptions>() ?? new DataOptions();
        var options = new EmulatorOptions { Folder = Path.Combine(data.Folder, "emulator") };
        configuration.GetSection(EmulatorOptions.Section).Bind(options);
        builder.Services.AddOptions<EmulatorOptions>().ValidateOnStart();
        builder.Services.AddKnownKeys<EmulatorOptions>(EmulatorOptions.Section);

        // A key pair of this process alone: nothing is kept that could be copied into a deployment.
        var id = Or(oss.AccessKeyId, "emulator-" + RandomNumberGenerator.GetHexString(12, lowercase: true));
        var secret = Or(oss.AccessKeySecret, RandomNumberGenerator.GetHexString(40, lowercase: true));
        var bucket = Or(oss.Bucket, DefaultBucket);
        options.Region = Or(oss.Region, DefaultRegion);
        options.Credentials.Add(new EmulatorCredential { AccessKeyId = id, AccessKeySecret = secret });
        options.Buckets.Add(new EmulatorBucket { Name = bucket });
        var images = configuration.GetSection(ImageOptions.Section);
        options.ImageServiceAccessKeyId = Or(options.ImageServiceAccessKeyId, Or(images[nameof(ImageOptions.AccessKeyId)]?.Trim() ?? "", id));
        options.ImageServiceAccessKeySecret = Or(options.ImageServiceAccessKeySecret, Or(images[nameof(ImageOptions.AccessKeySecret)]?.Trim() ?? "", secret));
        if (images[nameof(ImageOptions.Bucket)]?.Trim() is { Length: > 0 } results && results != bucket)
            options.Buckets.Add(new EmulatorBucket { Name = results });

        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Oss:Endpoint"] = options.Urls,
            ["Oss:Region"] = options.Region,
            ["Oss:Bucket"] = bucket,
            ["Oss:AccessKeyId"] = id,
            ["Oss:AccessKeySecret"] = secret,
            ["Sts:Endpoint"] = Or(configuration["Sts:Endpoint"] ?? "", options.Urls.Split(';')[0]),
            ["Sts:RoleArn"] = Or(configuration["Sts:RoleArn"] ?? "", EmulatorRole.DefaultArn),
            ["Grants:CallbackKeyHosts"] = string.Join(',', options.Urls.Split(';').Prepend(KeyHosts(configuration))),
        });
        builder.Services.AddSingleton<CallbackAddress>(services => () => CallbackUrl(services));
        return options;
    }

    private static string KeyHosts(ConfigurationManager configuration) =>
        (configuration.GetSection(GrantOptions.Section).Get<GrantOptions>() ?? new GrantOptions()).CallbackKeyHosts;

    // Real OSS calls nobody on a private address; the emulator is on this machine and reaches whatever we listen on.
    private static string? CallbackUrl(IServiceProvider services) =>
        services.GetRequiredService<IOptions<GrantOptions>>().Value.CallbackUrl is { Length: > 0 } configured
            ? configured : OwnAddress.Of(services.GetRequiredService<IServer>(), "/oss/callback");

    private static string Or(string configured, string otherwise) => configured.Length > 0 ? configured : otherwise;
}
