namespace OssProxy.Core.Storage;

/// <summary>The order of listings: that of the keys' UTF-8 bytes (OSS API reference: ListObjectsV2), as in a <c>BINARY</c> column of SQLite
/// and a <c>COLLATE "C"</c> one of PostgreSQL. <see cref="StringComparer.Ordinal"/> compares UTF-16 and differs where an emoji meets one of
/// U+E000–U+FFFF.</summary>
public sealed class KeyOrder : IComparer<string>
{
    /// <summary>The one there is.</summary>
    public static KeyOrder Instance { get; } = new();

    private KeyOrder()
    {
    }

    /// <summary>Compares without encoding either; null comes before all.</summary>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);

        var same = x.AsSpan().CommonPrefixLength(y);
        return same == x.Length || same == y.Length ? x.Length.CompareTo(y.Length) : Rank(x[same]) - Rank(y[same]);
    }

    // A surrogate is a piece of a character beyond U+FFFF, and so behind all that stand alone.
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
