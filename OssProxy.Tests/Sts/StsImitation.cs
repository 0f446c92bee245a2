using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace OssProxy.Tests.Sts;

/// <summary>AssumeRole, 2015-04-01. Recomputes both signatures by its own reading, and refuses numbers that it has seen and times that are
/// more than 15 minutes off.</summary>
internal sealed class StsImitation : Imitation
{
    public const string KeyId = "LTAI-CALLER";
    public const string Secret = "caller-secret-text";
    public const string Role = "acs:ram::1234567890123456:role/uploader";

    private readonly ConcurrentDictionary<string, bool> _nonces = new(StringComparer.Ordinal);

    /// <summary>The secrets of who may assume the role.</summary>
    public ConcurrentDictionary<string, (string Secret, string? Token)> Callers { get; } = new(StringComparer.Ordinal) { [KeyId] = (Secret, null) };

    /// <summary>The parameters of the requests that were answered with credentials.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Asked { get; } = new();

    /// <summary>Refuses the next request.</summary>
    public void Refuse(int status, string code) => Instead.Enqueue(context => RefuseAsync(context, status, code));

    public static string SecretOf(int number) => $"given-secret-{number}";

    public static string TokenOf(int number) => $"given-token-{number}+/=";

    protected override async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var query = QueryHelpers.ParseQuery(request.QueryString.Value);
        var form = request.HasFormContentType ? (await request.ReadFormAsync()).ToDictionary() : [];
        var all = query.Concat(form).ToDictionary(one => one.Key, one => one.Value.ToString(), StringComparer.Ordinal);
        var problem = request.Headers.ContainsKey("Authorization") ? CheckAcs3(request, all) : CheckRpc(request, all);
        if (problem is not null)
        {
            await RefuseAsync(context, problem == "NoPermission" ? 403 : 400, problem);
            return;
        }

        if (all.GetValueOrDefault("RoleArn") != Role)
        {
            await RefuseAsync(context, 404, "EntityNotExist.Role");
            return;
        }

        Asked.Enqueue(all);
        var number = Next();
        var end = Time.GetUtcNow().AddSeconds(int.Parse(all["DurationSeconds"], CultureInfo.InvariantCulture));
        await WriteAsync(context, 200, $$$"""
            {"RequestId":"6894B13B-6D71-4EF5-88FA-F32781734A7F","AssumedRoleUser":{"Arn":"{{{Role}}}/x","AssumedRoleId":"34458433936495****:x"},
            "Credentials":{"AccessKeyId":"STS.{{{number}}}","AccessKeySecret":"{{{SecretOf(number)}}}","SecurityToken":"{{{TokenOf(number)}}}",
            "Expiration":"{{{end.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}}}"}}
            """);
    }

    private static Task RefuseAsync(HttpContext context, int status, string code) => WriteAsync(context, status, $$"""
        {"RequestId":"2CF1CC4F-3B0E-4D4F-8F2D-D1A5E2C93B5A","HostId":"sts.aliyuncs.com","Code":"{{code}}","Message":"words that repeat {{Secret}}","Recommend":"https://example.com"}
        """);

    private string? CheckAcs3(HttpRequest request, Dictionary<string, string> all)
    {
        var authorization = request.Headers.Authorization.ToString();
        var parts = authorization[(authorization.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split(',')
            .Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        var names = parts["SignedHeaders"].Split(';');
        var headers = string.Concat(names.Select(name => $"{name}:{request.Headers[name]}\n"));
        if (request.Headers.Keys.Select(key => key.ToLowerInvariant()).Where(key => key.StartsWith("x-acs-", StringComparison.Ordinal)).Except(names).Any())
            Complaints.Enqueue("a header that is not signed");
        var text = $"{request.Method}\n{request.Path}\n{Canonical(all)}\n{headers}\n{parts["SignedHeaders"]}\n{request.Headers["x-acs-content-sha256"]}";
        text = "ACS3-HMAC-SHA256\n" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var id = parts["Credential"];
        if (!Callers.TryGetValue(id, out var caller) || request.Headers["x-acs-security-token"].FirstOrDefault() != caller.Token)
            return "InvalidAccessKeyId.NotFound";
        if (Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(caller.Secret), Encoding.UTF8.GetBytes(text))) != parts["Signature"])
            return "SignatureDoesNotMatch";
        return request.Headers["x-acs-action"] != "AssumeRole" || request.Headers["x-acs-version"] != "2015-04-01"
            ? "InvalidAction.NotFound"
            : CheckOnce(request.Headers["x-acs-signature-nonce"]!, request.Headers["x-acs-date"]!);
    }

    private string? CheckRpc(HttpRequest request, Dictionary<string, string> all)
    {
        if (request.QueryString.HasValue)
            Complaints.Enqueue("parameters in the address");
        var signature = all["Signature"];
        all.Remove("Signature");
        if (!Callers.TryGetValue(all["AccessKeyId"], out var caller) || all.GetValueOrDefault("SecurityToken") != caller.Token)
            return "InvalidAccessKeyId.NotFound";
        var text = Encoding.UTF8.GetBytes($"POST&%2F&{Uri.EscapeDataString(Canonical(all))}");
        if (Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(caller.Secret + "&"), text)) != signature)
            return "SignatureDoesNotMatch";
        return (all["Action"], all["Version"], all["Format"], all["SignatureMethod"]) != ("AssumeRole", "2015-04-01", "JSON", "HMAC-SHA1")
            ? "InvalidAction.NotFound"
            : CheckOnce(all["SignatureNonce"], all["Timestamp"]);
    }

    private string? CheckOnce(string nonce, string time)
    {
        if (!_nonces.TryAdd(nonce, true))
            return "SignatureNonceUsed";
        var signed = DateTimeOffset.ParseExact(time, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return (signed - Time.GetUtcNow()).Duration() > TimeSpan.FromMinutes(15) ? "InvalidTimeStamp.Expired" : null;
    }

    private static string Canonical(Dictionary<string, string> parameters) => string.Join('&', parameters
        .OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(one.Value)}"));
}
