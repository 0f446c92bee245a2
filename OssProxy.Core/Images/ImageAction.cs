namespace OssProxy.Core.Images;

/// <summary>One action of <c>image/…</c>, as it was parsed: every value is within its documented range.</summary>
public abstract record ImageAction;

/// <summary>How a picture is fitted to a box.</summary>
public enum ResizeMode
{
    /// <summary>The largest picture of the same ratio inside the box.</summary>
    Lfit,

    /// <summary>The smallest picture of the same ratio that covers the box.</summary>
    Mfit,

    /// <summary>As <see cref="Mfit"/>, then the middle of it, cut to the box.</summary>
    Fill,

    /// <summary>As <see cref="Lfit"/>, then centred on a canvas of the box's size.</summary>
    Pad,

    /// <summary>Exactly the box, whatever the ratio.</summary>
    Fixed,
}

/// <summary>A point of reference, one of nine.</summary>
public enum Gravity
{
    NorthWest,
    North,
    NorthEast,
    West,
    Center,
    East,
    SouthWest,
    South,
    SouthEast,
}

/// <summary>Formats of results. <see cref="Source"/> where nothing else was asked for.</summary>
public enum ImageFormat
{
    Source,
    Jpeg,
    Png,
    WebP,
    Bmp,
    Gif,
    Tiff,
    Heic,
    Avif,
}

/// <summary>A colour, eight bits per channel.</summary>
public readonly record struct Rgb(byte Red, byte Green, byte Blue)
{
    public static readonly Rgb White = new(255, 255, 255);
    public static readonly Rgb Black = new(0, 0, 0);
}

/// <summary><c>resize</c>. Sides in pixels, 1–16384; null where they were not given.</summary>
public sealed record Resize : ImageAction
{
    public ResizeMode Mode { get; init; }
    public int? Width { get; init; }
    public int? Height { get; init; }
    public int? LongSide { get; init; }
    public int? ShortSide { get; init; }

    /// <summary>1–1000; below 100 shrinks.</summary>
    public int? Percent { get; init; }

    /// <summary>Only in a watermark's own process: percent of the main picture, 1–100.</summary>
    public int? PercentOfMain { get; init; }

    /// <summary>Whether nothing is enlarged.</summary>
    public bool Limit { get; init; } = true;

    /// <summary>The canvas of <see cref="ResizeMode.Pad"/>.</summary>
    public Rgb Color { get; init; } = Rgb.White;
}

/// <summary><c>crop</c>; null or 0 for as much as there is.</summary>
public sealed record Crop(int? Width, int? Height, int X, int Y, Gravity Gravity) : ImageAction;

/// <summary><c>indexcrop</c>: one of the slices of a length.</summary>
/// <param name="Vertical">Whether the slices lie below each other (<c>y</c>).</param>
public sealed record IndexCrop(bool Vertical, int Length, int Index) : ImageAction;

/// <summary><c>circle</c>, radius 1–4096.</summary>
public sealed record Circle(int Radius) : ImageAction;

/// <summary><c>rounded-corners</c>, radius 1–4096.</summary>
public sealed record RoundedCorners(int Radius) : ImageAction;

/// <summary><c>rotate</c>, 0–360 degrees clockwise.</summary>
public sealed record Rotate(int Degrees) : ImageAction;

/// <summary><c>auto-orient</c>. On is the default where the action is absent.</summary>
public sealed record AutoOrient(bool On) : ImageAction;

/// <summary><c>blur</c>, both 1–50.</summary>
public sealed record Blur(int Radius, int Sigma) : ImageAction;

/// <summary><c>bright</c>, -100–100.</summary>
public sealed record Bright(int Amount) : ImageAction;

/// <summary><c>contrast</c>, -100–100.</summary>
public sealed record Contrast(int Amount) : ImageAction;

/// <summary><c>sharpen</c>, 50–399.</summary>
public sealed record Sharpen(int Amount) : ImageAction;

/// <summary><c>quality</c>, each 1–100; <paramref name="Absolute"/> (<c>Q</c>) goes before <paramref name="Relative"/> (<c>q</c>).</summary>
public sealed record Quality(int? Relative, int? Absolute) : ImageAction;

/// <summary><c>format</c>.</summary>
public sealed record Format(ImageFormat Value) : ImageAction;

/// <summary><c>interlace</c>: progressive JPEG or not.</summary>
public sealed record Interlace(bool On) : ImageAction;

/// <summary><c>watermark</c>: an image, a text, or both side by side.</summary>
public sealed record Watermark : ImageAction
{
    /// <summary>The image, from the originals' bucket; null for none.</summary>
    public WatermarkImage? Image { get; init; }

    /// <summary>The text, at most 64 bytes of UTF-8, one line; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>The font's name in OSS's words; one of <c>WatermarkFonts</c>.</summary>
    public string Font { get; init; } = "wqy-zenhei";

    public Rgb Color { get; init; } = Rgb.Black;

    /// <summary>Pixels, 1–1000.</summary>
    public int Size { get; init; } = 40;

    /// <summary>Opacity of the text's shadow, 0–100.</summary>
    public int Shadow { get; init; }

    /// <summary>Degrees clockwise by which the text is turned, 0–360.</summary>
    public int Rotate { get; init; }

    /// <summary>Whether it covers the picture like tiles.</summary>
    public bool Fill { get; init; }

    /// <summary>Opacity, 0–100.</summary>
    public int Opacity { get; init; } = 100;

    public Gravity Gravity { get; init; } = Gravity.SouthEast;

    /// <summary>Pixels from the edge, 0–4096.</summary>
    public int X { get; init; } = 10;

    /// <summary>Pixels from the edge, 0–4096.</summary>
    public int Y { get; init; } = 10;

    /// <summary>Pixels from the middle line, -1000–1000.</summary>
    public int VerticalOffset { get; init; }

    /// <summary>With image and text: whether the text goes first.</summary>
    public bool TextFirst { get; init; }

    /// <summary>With image and text: 0 top, 1 middle, 2 bottom.</summary>
    public int Align { get; init; } = 2;

    /// <summary>With image and text: pixels between them, 0–1000.</summary>
    public int Interval { get; init; }
}

/// <summary>The image of a watermark.</summary>
/// <param name="Key">Its object key.</param>
/// <param name="Process">What is done to it first; null for nothing. No watermark, no circle.</param>
public sealed record WatermarkImage(string Key, ImageProcess? Process);

/// <summary><c>info</c>: what the picture is, as JSON.</summary>
public sealed record Info : ImageAction;

/// <summary><c>average-hue</c>: its main colour, as JSON.</summary>
public sealed record AverageHue : ImageAction;
