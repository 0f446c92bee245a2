using System.Text;

namespace OssProxy.Emulator.Storage;

/// <summary>One page of a listing: entries and common prefixes together count against the page size.</summary>
internal sealed record KeyPage<T>(IReadOnlyList<T> Entries, IReadOnlyList<string> CommonPrefixes, bool IsTruncated, string Last)
{
    public int Count => Entries.Count + CommonPrefixes.Count;
}

/// <summary>Walks an index by prefix and delimiter, jumping over each group instead of through it.</summary>
internal static class KeyListing
{
    /// <param name="positionOf">Where an entry stands in the index.</param>
    /// <param name="nameOf">What prefix and delimiter look at; a beginning of the position.</param>
    public static KeyPage<T> Page<T>(
        KeyIndex<T> index, Func<T, string> positionOf, Func<T, string> nameOf, string prefix, string delimiter, string after, int maximum)
        where T : class
    {
        var entries = new List<T>();
        var groups = new List<string>();
        var last = "";
        var prefixBytes = Encoding.UTF8.GetBytes(prefix);
        var afterBytes = Encoding.UTF8.GetBytes(after);

        // A marker that names a group (it ends a page there) means: behind the whole group.
        var insideGroup = delimiter.Length > 0 && after.Length > prefix.Length && after.StartsWith(prefix, StringComparison.Ordinal)
            && after.AsSpan(prefix.Length).IndexOf(delimiter) == after.Length - prefix.Length - delimiter.Length
            && after.EndsWith(delimiter, StringComparison.Ordinal);
        var position = insideGroup ? Behind(after) : afterBytes;
        var inclusive = after.Length == 0;
        if (position.AsSpan().SequenceCompareTo(prefixBytes) < 0)
            (position, inclusive) = (prefixBytes, true);

        while (index.Next(position, inclusive) is { } entry)
        {
            var key = nameOf(entry);
            if (!key.StartsWith(prefix, StringComparison.Ordinal))
                break;

            if (entries.Count + groups.Count == maximum)
                return new(entries, groups, IsTruncated: true, last);

            var end = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            inclusive = false;
            if (end < 0)
            {
                entries.Add(entry);
                last = positionOf(entry);
                position = Encoding.UTF8.GetBytes(last);
            }
            else
            {
                last = key[..(end + delimiter.Length)];
                groups.Add(last);
                position = Behind(last);
            }
        }

        return new(entries, groups, IsTruncated: false, last);
    }

    // 0xFF occurs in no UTF-8 text, so this lies behind every key that begins with the group.
    private static byte[] Behind(string group) => [.. Encoding.UTF8.GetBytes(group), 0xFF];
}
