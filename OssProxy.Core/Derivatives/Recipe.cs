using OssProxy.Core.Images;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>Why somebody may ask for a recipe.</summary>
public enum RecipeKind
{
    /// <summary>The original as it is.</summary>
    Original,

    /// <summary>A process that an admin has put under a name.</summary>
    Style,

    /// <summary>A process that whoever asks has written.</summary>
    Free,
}

/// <summary>What is to be made of which original: a process in its one spelling, styles expanded. At most one of <see cref="Image"/> and
/// <see cref="Snapshot"/>; neither for the original itself.</summary>
public sealed record Recipe(ObjectKey Source, RecipeKind Kind)
{
    public ImageProcess? Image { get; init; }

    public Snapshot? Snapshot { get; init; }

    /// <summary>The style that the process comes from; null for none.</summary>
    public ImageStyle? Style { get; init; }

    /// <summary>The format that was negotiated; <see cref="ImageFormat.Source"/> for none.</summary>
    public ImageFormat Preferred { get; init; }

    /// <summary>Where the result is to be kept; null for nowhere.</summary>
    public SaveAs? SaveAs { get; init; }

    /// <summary>The process in its one spelling; empty for the original.</summary>
    public string Canonical => Image?.Canonical ?? Snapshot?.Canonical ?? "";

    /// <summary>Whether the answer depends on the <c>Accept</c> of the request.</summary>
    public bool Negotiates => Style?.Negotiates == true;

    /// <summary>The format of the result, where the recipe says; <see cref="ImageFormat.Source"/> where the original does.</summary>
    public ImageFormat Format => Snapshot?.Format ?? Image?.Actions.OfType<Format>().LastOrDefault()?.Value ?? Preferred;

    /// <summary>Whether the result is JSON.</summary>
    public bool TellsOnly => Image?.Actions.Any(action => action is Info or AverageHue) == true;
}
