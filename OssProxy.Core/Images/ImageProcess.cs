using System.Collections.Immutable;

namespace OssProxy.Core.Images;

/// <summary>What is done to one image: the actions in the order in which they were written, those of all <c>image/…</c> stages together.</summary>
/// <param name="Actions">At least one.</param>
/// <param name="Canonical">The same process in its one spelling, beginning with <c>image/</c>: it parses to equal actions, and two processes
/// that differ only in the spelling (order of parameters, defaults written out, padding of Base64) have the same.</param>
public sealed record ImageProcess(ImmutableArray<ImageAction> Actions, string Canonical)
{
    /// <summary>The images that its watermarks need, each key once, in order.</summary>
    public IEnumerable<string> WatermarkKeys =>
        Actions.OfType<Watermark>().Where(mark => mark.Image is not null).Select(mark => mark.Image!.Key).Distinct(StringComparer.Ordinal);

    public override string ToString() => Canonical;
}
