using System.Collections.Immutable;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>A recipe together with what it is made of, as the store has it now; that decides which result is meant.</summary>
/// <param name="Source">The original.</param>
/// <param name="Marks">The images of its watermarks, in the order of <c>WatermarkKeys</c>.</param>
/// <param name="Name">Of the result.</param>
public sealed record Derivation(Recipe Recipe, StoredObject Source, ImmutableArray<StoredObject> Marks, ResultName Name)
{
    /// <summary>What caches are told of the original, and so of what is made of it, as with OSS; null where nothing is said.</summary>
    public string? CacheControl => ImageOptions.IsCacheControl(Source.CacheControl) ? Source.CacheControl : null;
}

/// <summary>The name of a result.</summary>
/// <param name="Hash">32 hexadecimal digits: what was made of what, by which version of the renderer.</param>
/// <param name="Key">Where it lies.</param>
public sealed record ResultName(string Hash, ObjectKey Key)
{
    /// <summary>The tag that clients are told; strong, because a result is made once and kept.</summary>
    public string ETag { get; } = $"\"{Hash}\"";
}

/// <summary>A result.</summary>
/// <param name="Derivation">What it is a result of.</param>
public sealed record DerivedImage(Derivation Derivation, string MediaType, long Length) : IDisposable
{
    /// <summary>Where it came from.</summary>
    internal ResultOrigin Origin { get; init; }

    /// <summary>Its bytes; null where they are to be read from the store.</summary>
    public byte[]? Content { get; init; }

    /// <summary>The room that they take; null where they take none of their own.</summary>
    internal IDisposable? Share { get; init; }

    /// <summary>Its bytes have been sent.</summary>
    public void Dispose() => Share?.Dispose();
}
