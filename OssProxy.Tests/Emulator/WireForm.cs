using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Tests.Emulator;

/// <summary>A browser's form, byte by byte, signed with a few lines of its own.</summary>
internal sealed class WireForm
{
    public const string Boundary = "----form7d5";
    private readonly List<(string Name, string Value)> _fields = [];

    public WireForm(params (string Name, string Value)[] fields) => _fields.AddRange(fields);

    public string File { get; init; } = "hello oss";

    public string? FileName { get; init; } = "a.txt";

    public string? FileType { get; init; } = "text/plain";

    /// <summary>What stands behind the file; the closing boundary by default.</summary>
    public string Tail { get; init; } = $"\r\n--{Boundary}--\r\n";

    /// <summary>What the policy says when it need say nothing in particular.</summary>
    public static string AnySize => """["content-length-range",0,1000000]""";

    public static string Part(string name, string value) => $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";

    /// <summary>The document of a policy that ends in an hour.</summary>
    public static string Policy(DateTimeOffset now, params string[] conditions) =>
        $$"""{"expiration":"{{now.AddHours(1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}}","conditions":[{{string.Join(',', conditions)}}]}""";

    public WireForm Signed(params string[] conditions) => SignedV1(Policy(TimeProvider.System.GetUtcNow(), conditions));

    public WireForm SignedV1(string policy, string accessKeyId = WireClient.AccessKeyId, string secret = WireClient.Secret)
    {
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy));
        return With(
            ("OSSAccessKeyId", accessKeyId),
            ("policy", text),
            ("Signature", Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)))));
    }

    /// <summary>The mandatory conditions come first; one of them may be left out.</summary>
    public WireForm SignedV4(string bucket, string[] conditions, string? without = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var date = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{date[..8]}/cn-hangzhou/oss/aliyun_v4_request";
        (string Name, string Value)[] pinned =
        [
            ("bucket", bucket), ("x-oss-signature-version", "OSS4-HMAC-SHA256"), ("x-oss-credential", $"{WireClient.AccessKeyId}/{scope}"), ("x-oss-date", date),
        ];
        var mandatory = pinned.Where(p => p.Name != without).Select(p => $$"""{"{{p.Name}}":"{{p.Value}}"}""");
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(Policy(now, [.. mandatory, .. conditions])));
        var key = Encoding.UTF8.GetBytes("aliyun_v4" + WireClient.Secret);
        foreach (var step in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));

        return With([.. pinned[1..], ("policy", text), ("x-oss-signature", Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text))))]);
    }

    public WireForm With(params (string Name, string Value)[] fields) =>
        new([.. _fields, .. fields]) { File = File, FileName = FileName, FileType = FileType, Tail = Tail };

    /// <summary>The same form with one field given another value, or taken out.</summary>
    public WireForm Changed(string name, string? value) =>
        new([.. _fields.Where(f => f.Name != name), .. value is null ? [] : new[] { (name, value) }]) { File = File, FileName = FileName, FileType = FileType, Tail = Tail };

    public byte[] ToBytes()
    {
        var fileName = FileName is null ? "" : $"; filename=\"{FileName}\"";
        var fileType = FileType is null ? "" : $"Content-Type: {FileType}\r\n";
        return Encoding.UTF8.GetBytes(
            $"{string.Concat(_fields.Select(f => Part(f.Name, f.Value)))}--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"{fileName}\r\n{fileType}\r\n{File}{Tail}");
    }

    public Task<WireReply> PostAsync(WireClient client, string target = "/photos/", params (string Name, string Value)[] headers) =>
        client.SendAsync("POST", target, ToBytes(), Signing.None, [("Content-Type", $"multipart/form-data; boundary={Boundary}"), .. headers]);
}
