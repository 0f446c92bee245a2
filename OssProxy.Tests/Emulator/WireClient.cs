using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace OssProxy.Tests.Emulator;

/// <summary>How a request of <see cref="WireClient"/> is signed.</summary>
internal enum Signing
{
    V4,
    V1,
    None,
}

/// <summary>
/// Speaks HTTP/1.1 by hand, one connection per request, and signs with twenty lines of its own: neither HttpClient
/// nor the emulator's code stands between a test and the wire.
/// </summary>
internal sealed class WireClient(Uri address, TimeProvider? clock = null, WireKey? key = null)
{
    public const string AccessKeyId = "test-key";
    public const string Secret = "test-secret";
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly WireKey _key = key ?? new(AccessKeyId, Secret);

    public static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token;

    public Task<WireReply> PutAsync(string target, string body, params (string Name, string Value)[] headers) =>
        SendAsync("PUT", target, Encoding.UTF8.GetBytes(body), headers);

    public Task<WireReply> GetAsync(string target, params (string Name, string Value)[] headers) => SendAsync("GET", target, null, headers);

    public Task<WireReply> SendAsync(string method, string target, byte[]? body, params (string Name, string Value)[] headers) =>
        SendAsync(method, target, body, Signing.V4, headers);

    public async Task<WireReply> SendAsync(string method, string target, byte[]? body, Signing signing, params (string Name, string Value)[] headers)
    {
        using var connection = await OpenAsync();
        await connection.SendAsync(Head(method, target, signing, body is null ? headers : [.. headers, ("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture))]));
        if (body is { Length: > 0 })
            await connection.SendAsync(body);

        return await connection.ReadReplyAsync(method);
    }

    public async Task<WireConnection> OpenAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Deadline);
        return new(client);
    }

    /// <summary>Request line and headers, signed, up to the empty line.</summary>
    public byte[] Head(string method, string target, Signing signing, params (string Name, string Value)[] headers)
    {
        var all = new List<(string Name, string Value)>(headers);
        if (!all.Exists(h => h.Name == "Host"))
            all.Add(("Host", address.Authority));

        all.Add(("Connection", "close"));
        if (_key.Token is { } token && signing != Signing.None)
            all.Add(("x-oss-security-token", token));

        if (signing == Signing.V4)
        {
            all.AddRange([("x-oss-date", Now("yyyyMMdd'T'HHmmss'Z'")), ("x-oss-content-sha256", "UNSIGNED-PAYLOAD")]);
            all.Add(("Authorization", SignV4(method, target, all)));
        }
        else if (signing == Signing.V1)
        {
            all.Add(("Date", Now("r")));
            all.Add(("Authorization", SignV1(method, target, all)));
        }

        return Encoding.UTF8.GetBytes($"{method} {target} HTTP/1.1\r\n{string.Concat(all.Select(h => $"{h.Name}: {h.Value}\r\n"))}\r\n");
    }

    // Targets of tests are path style, strictly encoded and have their parameters in order.
    private string SignV4(string method, string target, List<(string Name, string Value)> headers)
    {
        var scope = $"{Now("yyyyMMdd")}/cn-hangzhou/oss/aliyun_v4_request";
        var (path, query) = Split(target);
        var signed = headers.Select(h => (Name: h.Name.ToLowerInvariant(), h.Value))
            .Where(h => h.Name is "content-type" or "content-md5" || h.Name.StartsWith("x-oss-", StringComparison.Ordinal))
            .OrderBy(h => h.Name, StringComparer.Ordinal);
        var ordered = string.Join('&', query.Split('&', StringSplitOptions.RemoveEmptyEntries).OrderBy(p => p.Split('=')[0], StringComparer.Ordinal));
        var canonical = $"{method}\n{path}\n{ordered}\n{string.Concat(signed.Select(h => $"{h.Name}:{h.Value}\n"))}\n\nUNSIGNED-PAYLOAD";
        var text = $"OSS4-HMAC-SHA256\n{headers.First(h => h.Name == "x-oss-date").Value}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signing = Encoding.UTF8.GetBytes("aliyun_v4" + _key.Secret);
        foreach (var step in scope.Split('/'))
            signing = HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(step));

        return $"OSS4-HMAC-SHA256 Credential={_key.Id}/{scope},Signature={Convert.ToHexStringLower(HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(text)))}";
    }

    private string SignV1(string method, string target, List<(string Name, string Value)> headers)
    {
        string? Value(string name) => headers.FirstOrDefault(h => h.Name == name).Value;
        var (path, query) = Split(target);
        var oss = headers.Select(h => (Name: h.Name.ToLowerInvariant(), h.Value)).Where(h => h.Name.StartsWith("x-oss-", StringComparison.Ordinal))
            .OrderBy(h => h.Name, StringComparer.Ordinal);
        var resource = Uri.UnescapeDataString(path) + (query is "acl" or "uploads" ? "?" + query : "");
        var text = $"{method}\n{Value("Content-MD5")}\n{Value("Content-Type")}\n{Value("Date")}\n{string.Concat(oss.Select(h => $"{h.Name}:{h.Value}\n"))}{resource}";
        return $"OSS {_key.Id}:{Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(_key.Secret), Encoding.UTF8.GetBytes(text)))}";
    }

    private static (string Path, string Query) Split(string target) => target.Split('?', 2) is [var path, var query] ? (path, query) : (target, "");

    private string Now(string format) => _clock.GetUtcNow().UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>Who signs; a temporary one has a token.</summary>
internal sealed record WireKey(string Id, string Secret, string? Token = null)
{
    public override string ToString() => $"{Id}:***";
}

/// <summary>A reply as it came.</summary>
internal sealed record WireReply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public XElement Xml => XElement.Parse(Text);

    public string? this[string header] => Headers.GetValueOrDefault(header.ToLowerInvariant());

    /// <summary>Code of the error document, from the body or, for HEAD, from the header.</summary>
    public string? Code => Body.Length > 0
        ? Xml.Element("Code")?.Value
        : this["x-oss-err"] is { } hidden ? XElement.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(hidden))).Element("Code")?.Value : null;
}
