using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Bmp;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>
/// A source that has been looked at and not yet decoded: its header was read, and found to be within the limits. Sizes are those of one
/// frame, as stored, before any turning.
/// </summary>
internal sealed class SourcePicture
{
    /// <summary>Longest side of an AVIF in pixels (OSS's EC 014).</summary>
    public const int AvifSide = 10_000;

    /// <summary>Pixels of a HEIC or AVIF. libheif keeps planes, tiles and the picture itself: 9 bytes a pixel and the decoder's own were
    /// measured, 500 MB for a phone's largest photo of 48.8 million.</summary>
    public const long HeifPixels = 50_000_000;

    /// <summary>Pixels of a progressive JPEG. Its decoder keeps all coefficients until the last scan: 9 bytes a pixel were measured (29
    /// where libvips makes the thumbnail by itself), where a sequential one of any size needs some rows.</summary>
    public const long ProgressivePixels = 25_000_000;

    // What a result must not give away about who took the picture, and where.
    private static readonly string[] Telling = ["exif-data", "xmp-data", "iptc-data", "photoshop-data"];

    // Of a photo with an alpha channel: a picture of as many pixels as are allowed may have so many bytes in each.
    private const int PixelBytes = 4;

    private readonly VipsWorkshop _workshop;
    private readonly VipsObject? _bytes;
    private readonly VipsImage? _header;
    private bool _headerIsUsed;

    private SourcePicture(VipsWorkshop workshop, SourceKind kind, ReadOnlyMemory<byte> content)
    {
        _workshop = workshop;
        Kind = kind;
        Content = content;
        if (kind == SourceKind.Bmp)
        {
            (Width, Height) = BmpReader.Size(content.Span) ?? throw Refusals.Damaged(kind);
            return;
        }

        // The decoder takes what there is for the whole, and would give a picture with a hole.
        if (kind == SourceKind.Gif && GifBlocks.IsCutOff(content.Span))
            throw Refusals.Damaged(kind);
        try
        {
            _bytes = workshop.Source(content);
            _header = Load(allFrames: false).Image();
        }
        catch (VipsException failure)
        {
            throw Refusals.Damaged(kind, failure);
        }

        var fields = _header.Fields();
        (Width, Height) = (_header.Width, _header.Height);
        Frames = kind.MayMove() ? Math.Max(1, _header.Pages) : 1;

        // libheif has turned what it decodes.
        Orientation = kind is not (SourceKind.Heic or SourceKind.Avif) && _header.Orientation is >= 2 and <= 8 and var turned ? turned : 1;
        // Some versions say 0, others nothing, of what comes in one scan.
        IsProgressive = kind == SourceKind.Jpeg && _header.Number("jpeg-multiscan") is > 0;
        HasProfile = fields.Contains("icc-profile-data", StringComparer.Ordinal);
        IsTelling = fields.Any(field =>
            Telling.Contains(field, StringComparer.Ordinal) || field.Contains("comment", StringComparison.Ordinal));
    }

    public SourceKind Kind { get; }
    public ReadOnlyMemory<byte> Content { get; }
    public int Width { get; }
    public int Height { get; }
    public int Frames { get; } = 1;

    /// <summary>EXIF's 1–8.</summary>
    public int Orientation { get; } = 1;

    public bool IsProgressive { get; }

    /// <summary>Whether it says itself how its colours are meant.</summary>
    public bool HasProfile { get; }

    /// <summary>Whether it carries anything that results do not: EXIF, XMP, IPTC, comments.</summary>
    public bool IsTelling { get; }

    /// <summary>Its EXIF block; null when it has none, and for a PNG, whose EXIF OSS does not read.</summary>
    public byte[]? Exif() => Kind == SourceKind.Png ? null : _header?.Blob("exif-data");

    /// <summary>Looks at a source.</summary>
    /// <exception cref="ImageException">It is no picture, damaged, or beyond the limits.</exception>
    public static SourcePicture Open(VipsWorkshop workshop, ReadOnlyMemory<byte> content, RenderLimits limits)
    {
        if (content.Length > limits.SourceBytes)
            throw Refusals.TooManyBytes(limits.SourceBytes);

        var kind = SourceKinds.Sniff(content.Span) ?? throw Refusals.Unsupported();
        var source = new SourcePicture(workshop, kind, content);
        source.Check(limits);
        return source;
    }

    /// <summary>Begins to decode: nothing is read before pixels are asked for, and those come once, from the top.</summary>
    /// <param name="allFrames">All frames below each other instead of the first.</param>
    /// <param name="shrink">By how much the decoder may shrink: 1, 2, 4, 8 for JPEG, any number for WebP.</param>
    public VipsImage Decode(bool allFrames, double shrink = 1)
    {
        if (Kind == SourceKind.Bmp)
        {
            var picture = BmpReader.Read(Content.Span) ?? throw Refusals.Damaged(Kind);
            return _workshop.FromPixels(picture.Pixels, picture.Width, picture.Height, picture.Bands);
        }

        if (!allFrames && shrink == 1 && !_headerIsUsed)
        {
            _headerIsUsed = true;
            return _header!;
        }

        var load = Load(allFrames);
        return (Kind, shrink) switch
        {
            (_, 1) => load.Image(),
            (SourceKind.Jpeg, _) => load.With("shrink", shrink).Image(),
            (SourceKind.WebP, _) => load.With("scale", 1 / shrink).Image(),
            _ => load.Image(),
        };
    }

    private VipsCall Load(bool allFrames)
    {
        var load = _workshop.Call(Kind.Loader()!)
            .With("source", _bytes!)
            .With("access", VipsEnums.AccessSequential)
            .With("fail-on", VipsEnums.FailOnError);
        return allFrames ? load.With("n", -1) : load;
    }

    private void Check(RenderLimits limits)
    {
        var side = Kind switch
        {
            SourceKind.Avif => Math.Min(AvifSide, limits.SourceSide),
            SourceKind.Tiff => Math.Min(16_384, limits.SourceSide), // OSS's EC 018
            _ => limits.SourceSide,
        };
        if (Math.Max(Width, Height) > side)
            throw Refusals.SideTooLong(Kind, side);
        if (Frames > limits.Frames)
            throw Refusals.TooManyFrames(limits.Frames);

        var pixels = Kind switch
        {
            SourceKind.Heic or SourceKind.Avif => Math.Min(HeifPixels, limits.SourcePixels),
            _ when IsProgressive => Math.Min(ProgressivePixels, limits.SourcePixels),
            _ => limits.SourcePixels,
        };
        if ((long)Width * Height * Frames > pixels)
            throw Refusals.TooManyPixels(pixels);

        // A pixel of eight floating-point bands is eight times the work of a photo's, and packs into as few bytes.
        var share = _header is null ? PixelBytes : _header.Bands * VipsEnums.BytesOf(_header.Format);
        if ((long)Width * Height * Frames * share > pixels * PixelBytes)
            throw Refusals.TooManyPixels(pixels * PixelBytes / share);
    }
}
