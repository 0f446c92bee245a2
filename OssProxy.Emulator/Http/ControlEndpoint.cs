using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OssProxy.Emulator.Http;

/// <summary>
/// Faults and the request log for tests in other processes: <c>POST</c> (one rule or an array, JSON), <c>GET</c> and
/// <c>DELETE /__emulator/faults</c>, <c>GET</c> and <c>DELETE /__emulator/requests</c>. Only from loopback, and only with a JSON
/// media type, which no web page can send across origins without a preflight that nobody answers here.
/// </summary>
internal sealed class ControlEndpoint(FaultRules faults, RequestLog requests)
{
    private const string Prefix = "/__emulator/";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    // "__emulator" cannot be the name of a bucket, so nothing of OSS is hidden.
    public static bool Claims(string rawTarget) => rawTarget.StartsWith(Prefix, StringComparison.Ordinal);

    public async Task AnswerAsync(HttpContext context, string rawTarget, CancellationToken cancellationToken)
    {
        // The name is checked too: a page whose own domain was made to resolve to loopback is of the same origin to its browser.
        var host = context.Request.Host.Host;
        if (context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote)
            || !(IPAddress.TryParse(host, out _) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.StatusCode = 403;
            return;
        }

        switch (context.Request.Method, rawTarget)
        {
            case ("POST", Prefix + "faults"):
                await AddAsync(context, cancellationToken);
                break;
            case ("GET", Prefix + "faults"):
                var active = faults.Snapshot().Select(f => new { f.Number, f.Hits, f.Rule });
                await context.Response.WriteAsJsonAsync(active, Format, cancellationToken);
                break;
            case ("DELETE", Prefix + "faults"):
                faults.Clear();
                context.Response.StatusCode = 204;
                break;
            case ("GET", Prefix + "requests"):
                await context.Response.WriteAsJsonAsync(requests.Snapshot(), Format, cancellationToken);
                break;
            case ("DELETE", Prefix + "requests"):
                requests.Clear();
                context.Response.StatusCode = 204;
                break;
            default:
                context.Response.StatusCode = 405;
                break;
        }
    }

    private async Task AddAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!context.Request.HasJsonContentType())
        {
            context.Response.StatusCode = 415;
            return;
        }

        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, default, cancellationToken);
            FaultRule[] rules = document.RootElement.ValueKind == JsonValueKind.Array
                ? document.RootElement.Deserialize<FaultRule[]>(Format)!
                : [document.RootElement.Deserialize<FaultRule>(Format)!];
            var numbers = rules.Select(rule => faults.Add(rule).Number).ToArray();
            await context.Response.WriteAsJsonAsync(new { numbers }, Format, cancellationToken);
        }
        catch (JsonException failure)
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { error = failure.Message }, Format, cancellationToken);
        }
    }
}
