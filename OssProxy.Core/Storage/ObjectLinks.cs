namespace OssProxy.Core.Storage;

/// <summary>Makes the public URL of an object: a fixed base, then the key percent-encoded segment by segment.</summary>
public sealed class ObjectLinks(string baseUrl)
{
    private readonly string _base = baseUrl.EndsWith('/') ? baseUrl : baseUrl + "/";

    /// <summary>The URL of an object, without a query: chat clients append <c>?x-oss-process=…</c> themselves.</summary>
    public string For(ObjectKey key) => _base + PercentEncoding.Encode(key.Value, keepSlash: true);
}
