using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace OssProxy.Tests.Identity;

/// <summary><c>alipay.system.oauth.token</c> at <c>/gateway.do</c>: knows the app's public key and signs with a key of its own.</summary>
internal sealed class AlipayImitation : ProviderImitation
{
    public const string App = "2021000000000001";
    public const string AccessToken = "alipay-access-token";
    public const string RefreshToken = "alipay-refresh-token";

    private const string Key = "alipay_system_oauth_token_response";

    // Making keys is slow, and any will do.
    private static readonly RSA AppKey = RSA.Create(2048);
    private static readonly RSA OwnKey = RSA.Create(2048);
    private static readonly RSA StrangersKey = RSA.Create(2048);

    /// <summary>Which ids of a person it tells.</summary>
    public (bool OpenId, bool UserId) Tells { get; set; } = (true, false);

    /// <summary>What the app's operator configures.</summary>
    public static string AppPrivateKey => AppKey.ExportPkcs8PrivateKeyPem();

    /// <summary>Likewise, in the form in which the platform shows it.</summary>
    public static string PublicKey => Convert.ToBase64String(OwnKey.ExportSubjectPublicKeyInfo());

    /// <summary>A whole answer around a response, signed.</summary>
    public static string Signed(string response, string key = Key) => Answer(key, response, Sign(OwnKey, response));

    /// <summary>The same, signed by somebody else.</summary>
    public static string SignedByAStranger(string response) => Answer(Key, response, Sign(StrangersKey, response));

    public static string Answer(string key, string response, string sign) => $$"""{"{{key}}":{{response}},"sign":"{{sign}}"}""";

    /// <summary>The signature of a response.</summary>
    public static string Sign(string response) => Sign(OwnKey, response);

    protected override async Task<(string Text, string ContentType)> AnswerAsync(HttpRequest request)
    {
        Require(request.Method == "POST", request.Method);
        Require(request.Path == "/gateway.do", request.Path);
        var query = Pairs(request.QueryString.Value!.TrimStart('?'));
        Require(request.ContentType is "application/x-www-form-urlencoded" or "application/x-www-form-urlencoded; charset=utf-8", "content type");
        using var reader = new StreamReader(request.Body);
        var body = Pairs(await reader.ReadToEndAsync());
        RequireNames(
            "query", query.Select(one => one.Name), "app_id", "method", "format", "charset", "sign_type", "timestamp", "version", "sign");
        RequireNames("body", body.Select(one => one.Name), "grant_type", "code");
        var sent = query.Concat(body).ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal);
        Require(
            sent["method"] == "alipay.system.oauth.token" && sent["format"] == "JSON" && sent["charset"] == "utf-8"
                && sent["sign_type"] == "RSA2" && sent["version"] == "1.0" && sent["grant_type"] == "authorization_code", "a fixed value is another one");
        var china = DateTimeOffset.ParseExact(
            sent["timestamp"] + "+08:00", "yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture);
        Require((TimeProvider.System.GetUtcNow() - china).Duration() < TimeSpan.FromMinutes(5), "timestamp");

        // The real gateway names this content type, whatever it was asked for.
        return (Answer(sent), "text/html;charset=GBK");
    }

    private string Answer(Dictionary<string, string> sent)
    {
        if (Errors.TryDequeue(out var error) && error.Split(' ') is [var code, var name])
            return Failure(code, name, "some words about " + sent["code"]);
        if (sent["app_id"] != App)
            return Failure("40002", "isv.invalid-app-id", "无效的AppID参数");
        var signed = string.Join('&', sent.Where(one => one.Key != "sign" && one.Value.Length > 0)
            .OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}"));
        if (!AppKey.VerifyData(
            Encoding.UTF8.GetBytes(signed), Convert.FromBase64String(sent["sign"]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
            return Failure("40002", "isv.invalid-signature", "无效签名");
        if (Use(App, sent["code"]) is not ({ } whose, false))
            return Failure("40002", "isv.code-invalid", "授权码code无效");

        var openId = Tells.OpenId ? $"\"open_id\":\"{whose.Person}-open\"," : "";
        var userId = Tells.UserId ? $"\"user_id\":\"2088-{whose.Person}\"," : "";
        return Signed($$"""
            {"access_token":"{{AccessToken}}","auth_start":"2026-01-05 16:00:00","expires_in":"1296000","re_expires_in":2592000,
            {{openId}}{{userId}}"refresh_token":"{{RefreshToken}}","note":"a\/b \u4e2d 文, \"sign\":\"x\""}
            """);
    }

    // An error of the gateway's is not signed.
    private static string Failure(string code, string name, string words) =>
        $$"""{"error_response":{"code":"{{code}}","msg":"Some","sub_code":"{{name}}","sub_msg":"{{words}}"} }""";

    private static string Sign(RSA key, string response) =>
        Convert.ToBase64String(key.SignData(Encoding.UTF8.GetBytes(response), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    private static List<(string Name, string Value)> Pairs(string text) =>
        [.. text.Split('&').Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], Uri.UnescapeDataString(pair[1].Replace('+', ' '))))];
}
