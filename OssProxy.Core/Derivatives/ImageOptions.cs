using System.Diagnostics.CodeAnalysis;

namespace OssProxy.Core.Derivatives;

/// <summary>Who makes what can be had from OSS as well.</summary>
public enum ImageDelegate
{
    /// <summary>We.</summary>
    None,

    /// <summary>OSS, asked with <c>x-oss-process</c>.</summary>
    Oss,
}

/// <summary>Images that are made on demand: where they are kept, who may have which. Section <c>Images</c>, which this room shares with
/// that of the renderers.</summary>
public sealed class ImageOptions
{
    public const string Section = "Images";

    /// <summary>Whether there is an image service at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The bucket of the results, at the endpoint and with the credentials of the originals'. Default: none, results lie in the
    /// originals' bucket.</summary>
    public string Bucket { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>What the keys of results begin with. Default <c>derived</c>.</summary>
    public string Prefix { get; set => field = (value ?? "").Trim(); } = "derived";

    /// <summary>The address of this server as clients reach it; signed links to images begin with it. Default: none, links lead to
    /// OSS.</summary>
    public string PublicBaseUrl { get; set => field = (value ?? "").Trim().TrimEnd('/'); } = "";

    /// <summary>What may stand between a key and the name of a style, one character each: of <c>! - _ /</c>. Default <c>!</c>.</summary>
    public string StyleSeparators { get; set => field = (value ?? "").Trim(); } = "!";

    /// <summary>The style of an address that names none. Default: none.</summary>
    public string DefaultStyle { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Processes that anybody may ask for besides styles, separated by semicolons. Default: none.</summary>
    public string Allowed { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Whether anybody may have originals. Default false.</summary>
    public bool Originals { get; set; }

    /// <summary>What caches are told of results. Default <c>public, max-age=31536000</c>.</summary>
    public string CacheControl { get; set => field = (value ?? "").Trim(); } = "public, max-age=31536000";

    /// <summary>The id of the key with which links to images are signed. Default: that of OSS.</summary>
    public string AccessKeyId { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Its secret, never printed.</summary>
    public string AccessKeySecret { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Most results that are being made for one address. Default 16; 1 to 10,000.</summary>
    public int PerClient { get; set; } = 16;

    /// <summary>How long it is remembered what the store says of an original. Default 1 min; 0 to 1 h.</summary>
    public TimeSpan SourceMemory { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Bytes of small results that are kept in memory. Default 64 MiB; 0 (none) to 16 GiB.</summary>
    public long CacheBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Bytes of originals that are held at a time. Default 64 MiB; 1 MiB to 16 GiB.</summary>
    public long SourceBytesInFlight { get; set; } = 64L * 1024 * 1024;

    /// <summary>Most styles in the database. Default 50, as with OSS; 1 to 1000.</summary>
    public int MaxStyles { get; set; } = 50;

    /// <summary>Styles by their names: <c>image/…</c>. They go before those of the database.</summary>
    public IDictionary<string, string> Styles { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Formats that clients may choose by <c>Accept</c>, by the name of a configured style: <c>avif</c>, <c>webp</c>, the
    /// preferred one first.</summary>
    public IDictionary<string, string> StyleAccept { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary><c>none</c> (default) or <c>oss</c>.</summary>
    public ImageDelegate Delegate { get; set; } = ImageDelegate.None;

    /// <summary>Whether a text can be told to caches: 1 to 200 visible ASCII characters.</summary>
    public static bool IsCacheControl([NotNullWhen(true)] string? text) =>
        text?.Length is > 0 and <= 200 && text.All(c => c is >= ' ' and <= '~');

    /// <summary>Whether keys that begin with this would lie where results lie, or the other way round. Case does not count, as on some
    /// disks.</summary>
    public bool Overlaps(string prefix)
    {
        var (ours, other) = (Prefix.Trim('/') + "/", prefix.Trim('/') + "/");
        return ours.StartsWith(other, StringComparison.OrdinalIgnoreCase) || other.StartsWith(ours, StringComparison.OrdinalIgnoreCase);
    }

    public override string ToString() => $"Images: {Bucket}/{Prefix}, id {AccessKeyId}, secret ***";
}
