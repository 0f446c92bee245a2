using System.Globalization;
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

    // Uploads and failures are logged by their owners; the framework is heard when something is wrong, and when it starts or stops.
    private static readonly (string Source, LogEventLevel Level)[] Framework =
    [
        ("Microsoft", LogEventLevel.Warning),
        ("Microsoft.Hosting.Lifetime", LogEventLevel.Information),
        ("System", LogEventLevel.Warning),
        // Tells of every statement: an upload would be three lines.
        ("Npgsql", LogEventLevel.Warning),
    ];

    public static void AddSerilog(this WebApplicationBuilder builder)
    {
        var configuration = Quietened(new LoggerConfiguration(), builder.Configuration.GetSection("Serilog:MinimumLevel"))
            .ReadFrom.Configuration(builder.Configuration)
            .Filter.ByExcluding(IsToldElsewhere)
            .Enrich.FromLogContext()
            .Enrich.With<HiddenQuery>();
        var logger = builder.Environment.IsDevelopment()
            ? configuration.Enrich.With<RequestTag>()
                .WriteTo.Console(outputTemplate: ForPeople, formatProvider: CultureInfo.InvariantCulture)
                .CreateLogger()
            : configuration
                .WriteTo.Sink(new ConsoleLines(
                    new JsonFormatter(renderMessage: true, formatProvider: CultureInfo.InvariantCulture), Console.OpenStandardOutput()))
                .CreateLogger();

        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(logger, dispose: true);
    }

    // Never louder than the operator wants everything to be, and not at all where the operator has spoken of that source.
    private static LoggerConfiguration Quietened(LoggerConfiguration logger, IConfigurationSection asked)
    {
        _ = Enum.TryParse<LogEventLevel>(asked["Default"] ?? asked.Value, ignoreCase: true, out var least);
        var spoken = asked.GetSection("Override").GetChildren().Select(one => one.Key).ToList();
        foreach (var (source, level) in Framework)
        {
            if (!spoken.Exists(name => (source + ".").StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)))
                logger.MinimumLevel.Override(source, level > least ? level : least);
        }

        return logger;
    }

    // Kestrel cannot take in the rest of a body whose client went silent or broke off, calls that an error, and closes the connection: all
    // there is to do. Any client could fill the log with it; the failure itself is told under the client's blame. And what keeps the host
    // from starting ends the process, which says so on stderr: in words where the operator can mend it, else with its stack trace.
    private static bool IsToldElsewhere(LogEvent logEvent) =>
        logEvent.Properties.TryGetValue("EventId", out var id) && id is StructureValue { Properties: var parts }
        && parts.Any(part => part is
        {
            Name: "Name", Value: ScalarValue { Value: "RequestBodyDrainBodyReaderInvalidState" or "HostedServiceStartupFaulted" }
        });

    // An operator who wants to hear of requests hears of them, and not of the tokens that clients may put into addresses.
    private sealed class HiddenQuery : Serilog.Core.ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, Serilog.Core.ILogEventPropertyFactory propertyFactory)
        {
            if (logEvent.Properties.TryGetValue("QueryString", out var query) && query is ScalarValue { Value: string { Length: > 0 } })
                logEvent.AddOrUpdateProperty(propertyFactory.CreateProperty("QueryString", "?..."));
        }
    }

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
