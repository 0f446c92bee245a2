namespace OssProxy.Core.QrCodes;

/// <summary>How much of a code may be covered or damaged: about 7, 15, 25 and 30 % (ISO/IEC 18004, 6.5.1).</summary>
public enum QrLevel
{
    Low,
    Medium,
    Quartile,
    High,
}

/// <summary>A QR code that is wanted.</summary>
/// <param name="Text">What it says; 1 to <see cref="MaxTextBytes"/> bytes of UTF-8.</param>
public sealed record QrRequest(string Text)
{
    public const int MaxTextBytes = 1000;
    public const int MaxModule = 40;
    public const int MinSize = 64;
    public const int MaxSize = 2048;
    public const int MaxMargin = 16;

    public QrLevel Level { get; init; } = QrLevel.Medium;

    /// <summary>Pixels of one module, 1 to <see cref="MaxModule"/>; counts where <see cref="Size"/> is null. 10 as chat clients have always
    /// got it.</summary>
    public int Module { get; init; } = 10;

    /// <summary>Pixels of the whole picture, <see cref="MinSize"/> to <see cref="MaxSize"/>; null for what <see cref="Module"/> makes of it.</summary>
    public int? Size { get; init; }

    /// <summary>The quiet zone in modules, 0 to <see cref="MaxMargin"/>; the standard asks for 4.</summary>
    public int Margin { get; init; } = 4;
}
