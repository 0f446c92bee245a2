using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// Where results lie: <c>derived/ab/&lt;original&gt;/&lt;result&gt;.jpg</c>. All results of one original share a folder, so that they can
/// be found by listing it; the folder's name is a hash, because keys are longer than a key may have left room for. Everything that decides
/// what a result looks like is in its name, and nothing else: no signature, no expiry, no other parameter of the address.
/// </summary>
/// <param name="bucket">That of the originals; empty on a disk.</param>
/// <param name="prefix">What the names begin with, without a slash.</param>
/// <param name="engineVersion">Of the renderer: another one makes other results.</param>
internal sealed class ResultNaming(string bucket, string prefix, int engineVersion)
{
    private const int HashBytes = 16;

    /// <summary>Under which all results lie, with a slash at its end.</summary>
    public string Root { get; } = prefix + "/";

    /// <summary>The name of a result.</summary>
    public ResultName Of(Recipe recipe, StoredObject source, IEnumerable<StoredObject> marks)
    {
        var text = new StringBuilder(256);
        Add(text, bucket);
        Add(text, source.Key.Value);
        Add(text, VersionOf(source));
        Add(text, recipe.Canonical);
        Add(text, recipe.Preferred.Word());
        Add(text, engineVersion.ToString(CultureInfo.InvariantCulture));
        foreach (var mark in marks)
        {
            Add(text, mark.Key.Value);
            Add(text, VersionOf(mark));
        }

        var hash = Hash(text.ToString());
        return new ResultName(hash, ObjectKey.Parse($"{FolderOf(source.Key.Value)}{hash}.{ResultTypes.ExtensionOf(recipe)}"));
    }

    /// <summary>The folder of all results of an original, with a slash at its end.</summary>
    public string FolderOf(string source)
    {
        var hash = HashOf(source);
        return $"{Root}{hash[..2]}/{hash}/";
    }

    /// <summary>The name of an original in folders of results.</summary>
    public string HashOf(string source)
    {
        var text = new StringBuilder(source.Length + bucket.Length + 16);
        Add(text, bucket);
        Add(text, source);
        return Hash(text.ToString());
    }

    /// <summary>The name of the original that a result belongs to; null when the key is not one of a result.</summary>
    public string? OriginalOf(string resultKey)
    {
        if (!resultKey.StartsWith(Root, StringComparison.Ordinal))
            return null;
        return resultKey[Root.Length..].Split('/') is [{ Length: 2 } first, { Length: HashBytes * 2 } hash, { Length: > HashBytes * 2 } file]
            && hash.StartsWith(first, StringComparison.Ordinal) && IsHash(hash) && IsHash(file[..(HashBytes * 2)]) && file[HashBytes * 2] == '.'
            ? hash : null;
    }

    /// <summary>What tells one state of an object from another.</summary>
    public static string VersionOf(StoredObject source) => source.ETag
        ?? (source.Crc64 is { } crc
            ? string.Create(CultureInfo.InvariantCulture, $"crc-{crc}")
            : string.Create(CultureInfo.InvariantCulture, $"{source.Length}-{source.LastModified?.UtcTicks}"));

    // With its length before it, no text can be mistaken for two.
    private static void Add(StringBuilder text, string part) => text.Append(part.Length).Append(':').Append(part);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashBytes));

    private static bool IsHash(string text) => text.All(c => char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c));
}
