using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace OssProxy.Api.Hosting;

/// <summary>
/// Serilog behind the framework's logging: lines for people in Development, one JSON object per line elsewhere. Wired here by hand and in
/// this file alone; <c>docs/architecture.md</c> says why not through Serilog.AspNetCore.
/// </summary>
internal static class SerilogWiring
{
    private const string ForPeople = "[{Timestamp:HH:mm:ss} {Level:u3}] {Message:lj}{RequestTag}{NewLine}{Exception}";

    public static void AddSerilog(this WebApplicationBuilder builder)
    {
        // Uploads and failures are logged by their owners; the framework is heard when something is wrong, and when it starts or stops.
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .ReadFrom.Configuration(builder.Configuration)
            .Filter.ByExcluding(IsUnreadRest)
            .Enrich.FromLogContext();
        var logger = builder.Environment.IsDevelopment()
            ? configuration.Enrich.With<RequestTag>()
                .WriteTo.Console(outputTemplate: ForPeople, formatProvider: System.Globalization.CultureInfo.InvariantCulture)
                .CreateLogger()
            : configuration
                .WriteTo.Console(new JsonFormatter(renderMessage: true, formatProvider: System.Globalization.CultureInfo.InvariantCulture))
                .CreateLogger();

        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(logger, dispose: true);
    }

    // Kestrel cannot take in the rest of a body whose client went silent or broke off, calls that an error, and closes the connection: all
    // there is to do. Any client could fill the log with it; the failure itself is told under the client's blame.
    private static bool IsUnreadRest(LogEvent logEvent) =>
        logEvent.Properties.TryGetValue("EventId", out var id) && id is StructureValue { Properties: var parts }
        && parts.Any(part => part is { Name: "Name", Value: ScalarValue { Value: "RequestBodyDrainBodyReaderInvalidState" } });

    // The request id at the end of a line, and nothing where there is no request.
    private sealed class RequestTag : Serilog.Core.ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, Serilog.Core.ILogEventPropertyFactory propertyFactory)
        {
            var id = logEvent.Properties.TryGetValue("RequestId", out var value) ? $" ({value.ToString().Trim('"')})" : "";
            logEvent.AddPropertyIfAbsent(propertyFactory.CreateProperty("RequestTag", id));
        }
    }
}
