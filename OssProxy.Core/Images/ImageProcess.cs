using System.Collections.Immutable;

namespace OssProxy.Core.Images;

/// <summary>What is done to one image: the actions in the order in which they were written, those of all <c>image/…</c> stages
/// together.</summary>
/// <param name="Actions">At least one.</param>
/// <param name="Canonical">The same process in its one spelling, beginning with <c>image/</c>: it parses to equal actions, and two
/// processes that differ only in the spelling (order of parameters, defaults written out, padding of Base64) have the same.</param>
public sealed record ImageProcess(ImmutableArray<ImageAction> Actions, string Canonical)
{
    /// <summary>The images that its watermarks need, each key once, in order.</summary>
    public IEnumerable<string> WatermarkKeys =>
        Actions.OfType<Watermark>().Where(mark => mark.Image is not null).Select(mark => mark.Image!.Key).Distinct(StringComparer.Ordinal);

    /// <summary>The format that was asked for, wherever it stands; the last where there are several.</summary>
    public ImageFormat Format => Actions.OfType<Format>().LastOrDefault()?.Value ?? ImageFormat.Source;

    /// <summary>The quality that was asked for, wherever it stands; the last where there are several.</summary>
    public Quality? Quality => Actions.OfType<Quality>().LastOrDefault();

    /// <summary>Whether a JPEG becomes progressive; null where nothing was said.</summary>
    public bool? Interlace => Actions.OfType<Interlace>().LastOrDefault()?.On;

    /// <summary>Whether the source's orientation is applied, which happens before all else wherever it stands.</summary>
    public bool Orients => Actions.OfType<AutoOrient>().LastOrDefault()?.On ?? true;

    /// <summary>A process that was not read from a string. That the values are within their ranges is for the caller to see to.</summary>
    public static ImageProcess Of(ImmutableArray<ImageAction> actions) => actions.IsDefaultOrEmpty
        ? throw new ArgumentException("A process has at least one action.", nameof(actions))
        : new ImageProcess(actions, CanonicalForm.Of(actions));

    // An array's own equality is that of its reference; the spelling says all that the actions say.
    public bool Equals(ImageProcess? other) => other is not null && string.Equals(Canonical, other.Canonical, StringComparison.Ordinal);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Canonical);

    public override string ToString() => Canonical;
}
