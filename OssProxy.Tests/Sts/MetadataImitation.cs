using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace OssProxy.Tests.Sts;

/// <summary>The metadata of an ECS machine, in its normal and its hardened mode.</summary>
internal sealed class MetadataImitation : Imitation
{
    public const string Role = "machine-role";
    private const string Roles = "/latest/meta-data/ram/security-credentials/";
    private const string Token = "c0ffee-metadata-token";

    /// <summary>Whether the machine knows session tokens.</summary>
    public bool KnowsTokens { get; init; } = true;

    /// <summary>Whether it answers nothing without one.</summary>
    public bool WantsTokens { get; init; }

    /// <summary>The role that is attached; null for none.</summary>
    public string? Attached { get; init; } = Role;

    public TimeSpan Life { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Method and path of every request.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    protected override Task AnswerAsync(HttpContext context)
    {
        var (request, path) = (context.Request, context.Request.Path.Value!);
        Lines.Enqueue($"{request.Method} {path}");
        if (request.Method == "PUT" && path == "/latest/api/token")
        {
            return KnowsTokens && request.Headers.ContainsKey("X-aliyun-ecs-metadata-token-ttl-seconds")
                ? context.Response.WriteAsync(Token)
                : WriteAsync(context, 404, "<html>404</html>");
        }

        var token = request.Headers["X-aliyun-ecs-metadata-token"].ToString();
        if (KnowsTokens ? token != Token && (WantsTokens || token.Length > 0) : token.Length > 0)
            return WriteAsync(context, 403, "");
        if (request.Method == "GET" && path == Roles && Attached is { } attached)
            return context.Response.WriteAsync(attached + "\n");
        return request.Method == "GET" && Attached is not null && path == Roles + Attached
            ? GiveAsync(context)
            : WriteAsync(context, 404, "<html>404</html>");
    }

    private Task GiveAsync(HttpContext context)
    {
        var (number, now) = (Next(), Time.GetUtcNow());
        return WriteAsync(context, 200, $$"""
            {
              "AccessKeyId" : "STS.ecs{{number}}",
              "AccessKeySecret" : "ecs-secret-{{number}}",
              "Expiration" : "{{(now + Life).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}}",
              "SecurityToken" : "ecs-token-{{number}}",
              "LastUpdated" : "{{now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}}",
              "Code" : "Success"
            }
            """);
    }
}
