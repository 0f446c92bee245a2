using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Grants;
using OssProxy.Api.Health;
using OssProxy.Api.Images;
using OssProxy.Api.Library;
using OssProxy.Api.PublicFiles;
using OssProxy.Api.Rendering;
using OssProxy.Api.Uploads;
using OssProxy.Api.Videos;
using OssProxy.Core;
using OssProxy.Core.Records;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Hosting;

/// <summary>Puts the server together: the rooms, what HTTP adds to them, and the order in which a request meets it.</summary>
public static class ApiHost
{
    private const string DefaultUrl = "http://localhost:7001";
    // Settings are read at start. Watching for changes means every write below the working folder, and the records are written there.
    private const string NoReload = "--hostBuilder:reloadConfigOnChange=false";

    // What a connection receives ahead of whoever reads it: two blocks. Kestrel's own megabyte would be held by every client whose store
    // stalls, beside the budget of all buffers.
    private const int MostUnreadBytes = 128 * 1024;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Runs until it is told to stop. A configuration that cannot work is named on stderr, key by key, and ends with 1.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var app = Build(WebApplication.CreateBuilder([NoReload, .. args]));

            // Before the host starts, which would log what the operator did wrong as if it were a fault of the program.
            app.Services.GetService<IStartupValidator>()?.Validate();
            app.Services.GetRequiredService<NodeIdentity>();
            using var second = new SecondSignal(
                app.Services.GetRequiredService<ILogger<SecondSignal>>(), app.Services.GetRequiredService<TimeProvider>());
            await app.RunAsync();
            return 0;
        }
        catch (Exception failure) when (StartupProblem.Lines(failure) is { } lines)
        {
            await Console.Error.WriteLineAsync("OssProxy 无法启动：");
            foreach (var line in lines)
                await Console.Error.WriteLineAsync("  - " + line);
            return 1;
        }
    }

    /// <summary>The server, built and not yet started.</summary>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.AddSerilog();
        builder.AddEmbeddedEmulator();
        builder.Services.AddOssProxy(builder.Configuration);
        AddHttp(builder);

        var app = builder.Build();
        app.UseMiddleware<FunctionHeaders>();
        app.UseTrustedProxies();
        app.UseMiddleware<RequestIdHeader>();
        app.UseMiddleware<SecurityHeaders>();
        app.UseCors();
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(FailureHandler.AnswerStatusAsync);
        app.UseRouting();
        app.MapControllers();
        return app;
    }

    private static void AllowOrigins(CorsPolicyBuilder policy, string[] origins)
    {
        policy.AllowAnyHeader().AllowAnyMethod()
            .WithExposedHeaders(RequestIdHeader.Name, HeaderNames.RetryAfter).SetPreflightMaxAge(TimeSpan.FromHours(1));
        if (origins is [ServerOptions.AnyOrigin])
            policy.AllowAnyOrigin();
        else
            policy.WithOrigins(origins).AllowCredentials();
    }

    private static void AddHttp(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddChecked<ServerOptions, ServerOptionsValidator>(ServerOptions.Section);
        services.AddKnownKeys();
        services.AddSingleton<UploadDrain>();
        services.AddSingleton<OpenUploads>();
        services.AddSingleton<UploadDesk>();
        services.AddSingleton<CallerFiles>();
        services.AddSingleton<SnapshotDesk>();
        services.AddSingleton<LibraryDesk>();
        services.AddSingleton<ImageExport>();
        services.AddSingleton<GrantDesk>();
        services.AddSingleton<GatewayDesk>();
        services.AddSingleton<SignInCredentials>();
        services.AddSingleton<ImagePlaces>();
        services.AddSingleton<ImageDesk>();
        services.AddRenderWorkers();
        services.AddHostedService<EngineAnnouncement>();
        services.AddSingleton<ReadinessProbe>();
        services.AddExceptionHandler<FailureHandler>();
        services.TryAddSingleton<Passwords>();
        services.AddSingleton<PasswordQueue>();
        services.AddSingleton<SignIn>();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<ServerOptions>>((cors, server) =>
            cors.AddDefaultPolicy(policy => AllowOrigins(policy, server.Value.ListOrigins())));
        services.AddControllers(mvc => mvc.OutputFormatters.Insert(0, new ReplyFormatter())).ConfigureApiBehaviorOptions(api =>
        {
            // Our envelope, not ProblemDetails.
            api.SuppressMapClientErrors = true;
            api.SuppressModelStateInvalidFilter = true;
        }).AddJsonOptions(json => json.JsonSerializerOptions.Encoder = Reply.Json.Encoder);

        // A stop may take as long as the drain, then the undoing of what was ended, then the last answers.
        services.AddOptions<HostOptions>().Configure<IOptions<ServerOptions>, IOptions<UploadOptions>>((host, server, uploads) =>
            host.ShutdownTimeout = server.Value.DrainTimeout + uploads.Value.CleanUpTimeout + AnswerTimeout);
        services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemory.Factory>();

        // What has been received is read on the pool thread that received it: a crowd of slow clients costs an eighth less.
        // One pool of memory, because queues that hand nothing over need none of their own.
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;
            sockets.IOQueueCount = 0;
            sockets.MaxReadBufferSize = MostUnreadBytes;
        });
        services.AddOptions<KestrelServerOptions>().Configure(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBufferSize = MostUnreadBytes;

            // ClientBody judges who sends too slowly: Kestrel's clock runs while the store is waited for, too.
            kestrel.Limits.MinRequestBodyDataRate = null;
        });

        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null && builder.Configuration["https_ports"] is null
            && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            builder.WebHost.UseUrls(DefaultUrl);
    }
}
