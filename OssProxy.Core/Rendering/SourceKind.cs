using System.Buffers.Binary;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering;

/// <summary>What is read. Nothing else ever reaches a decoder, whatever the library could do with it.</summary>
internal enum SourceKind
{
    Jpeg,
    Png,
    Gif,
    WebP,
    Bmp,
    Tiff,
    Heic,
    Avif,
}

/// <summary>Each kind by its first bytes, with the one loader that it is given to.</summary>
internal static class SourceKinds
{
    // Brands may be many; those that matter stand among the first. An ftyp box of a megabyte is none of a camera's.
    private const int MostBrandBytes = 256;

    /// <summary>By content alone, never by a name or a media type that somebody claims; null for everything that is not on the
    /// list.</summary>
    public static SourceKind? Sniff(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return SourceKind.Jpeg;
        if (file.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
            return SourceKind.Png;
        if (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8))
            return SourceKind.Gif;
        if (file.Length >= 16 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBPVP8"u8))
            return SourceKind.WebP;
        if (file.StartsWith("BM"u8))
            return SourceKind.Bmp;
        if (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8))
            return SourceKind.Tiff;

        return file.Length >= 16 && file[4..].StartsWith("ftyp"u8) ? SniffBrands(file) : null;
    }

    /// <summary>libvips's loader for sources in memory; null for BMP, which is read by <see cref="Bmp.BmpReader"/>.</summary>
    public static string? Loader(this SourceKind kind) => kind switch
    {
        SourceKind.Jpeg => "jpegload_source",
        SourceKind.Png => "pngload_source",
        SourceKind.Gif => "gifload_source",
        SourceKind.WebP => "webpload_source",
        SourceKind.Tiff => "tiffload_source",
        SourceKind.Heic or SourceKind.Avif => "heifload_source",
        _ => null,
    };

    /// <summary>Whether further pages are frames of an animation. Those of a TIFF are pages, those of a HEIC the phone's own
    /// extras.</summary>
    public static bool MayMove(this SourceKind kind) => kind is SourceKind.Gif or SourceKind.WebP;

    /// <summary>What a result is where nobody asks for a format. A HEIC becomes JPEG: browsers cannot show it.</summary>
    public static ImageFormat OwnFormat(this SourceKind kind) => kind switch
    {
        SourceKind.Png => ImageFormat.Png,
        SourceKind.Gif => ImageFormat.Gif,
        SourceKind.WebP => ImageFormat.WebP,
        SourceKind.Bmp => ImageFormat.Bmp,
        SourceKind.Tiff => ImageFormat.Tiff,
        SourceKind.Avif => ImageFormat.Avif,
        _ => ImageFormat.Jpeg,
    };

    /// <summary>What <c>image/info</c> calls it.</summary>
    public static string Word(this SourceKind kind) => (kind == SourceKind.Heic ? ImageFormat.Heic : kind.OwnFormat()).Word();

    public static string MediaType(this SourceKind kind) => kind == SourceKind.Heic ? "image/heic" : kind.OwnFormat().MediaType();

    private static SourceKind? SniffBrands(ReadOnlySpan<byte> file)
    {
        var end = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(file), (uint)Math.Min(file.Length, MostBrandBytes));
        var isHeif = false;
        for (var at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) // the major brand, its version, the compatible ones
        {
            var brand = file.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
                return SourceKind.Avif;
            isHeif |= IsHeif(brand);
        }

        return isHeif ? SourceKind.Heic : null;
    }

    private static bool IsHeif(ReadOnlySpan<byte> brand) =>
        brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8) || brand.SequenceEqual("hevc"u8) || brand.SequenceEqual("heim"u8)
        || brand.SequenceEqual("heis"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8);
}
