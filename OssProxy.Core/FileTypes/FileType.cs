using System.Collections.Immutable;

namespace OssProxy.Core.FileTypes;

/// <summary>The kinds of content a policy is written in.</summary>
public enum FileFamily
{
    Image,
    Video,
    Audio,
    Document,
    Archive,
    Text,
}

/// <summary>A type of file that the product knows and is willing to store.</summary>
/// <param name="Name">Short stable name, lower case: <c>jpeg</c>, <c>mp4</c>.</param>
/// <param name="Family">What a policy allows it as.</param>
/// <param name="MediaType">What it is stored and served as.</param>
/// <param name="Extensions">Accepted file name extensions with the dot, lower case; the first is given to names that have none of
/// these.</param>
/// <param name="Inline">Whether a browser may show it in place; anything else is stored as an attachment.</param>
public sealed record FileType(
    string Name, FileFamily Family, string MediaType, ImmutableArray<string> Extensions, bool Inline)
{
    /// <summary>The extension that a stored object gets: the original one, lower case, when it fits the content, else the type's first.
    /// What comes back is always one of <see cref="Extensions"/>, never text that a client sent.</summary>
    /// <param name="originalExtension">The extension of the original name, with the dot, in any case; null or empty for none.</param>
    public string ExtensionFor(string? originalExtension)
    {
        foreach (var extension in Extensions)
        {
            if (string.Equals(extension, originalExtension, StringComparison.OrdinalIgnoreCase))
                return extension;
        }

        return Extensions[0];
    }

    public override string ToString() => Name;
}
