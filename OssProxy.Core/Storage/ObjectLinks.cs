namespace OssProxy.Core.Storage;

/// <summary>Makes the public URL of an object: a fixed base, then the key percent-encoded segment by segment; and reads such URLs back.</summary>
public sealed class ObjectLinks(string baseUrl)
{
    private readonly string _base = baseUrl.EndsWith('/') ? baseUrl : baseUrl + "/";

    /// <summary>The URL of an object, without a query: chat clients append <c>?x-oss-process=…</c> themselves.</summary>
    public string For(ObjectKey key) => _base + PercentEncoding.Encode(key.Value, keepSlash: true);

    /// <summary>The key of the object that an address leads to; null when it leads elsewhere.</summary>
    /// <param name="here">The origin of this server, which addresses without one mean; see <see cref="FileAddress.Origin"/>.</param>
    public ObjectKey? KeyOf(FileAddress address, string here) =>
        FileAddress.TryParse(_base, out var own)
        && (own.Origin ?? here) == (address.Origin ?? here)
        && address.Path.StartsWith(own.Path, StringComparison.Ordinal)
        && ObjectKey.TryParse(address.Path[own.Path.Length..], out var key) ? key : null;
}
