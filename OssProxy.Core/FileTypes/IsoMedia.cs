using System.Buffers.Binary;
using System.Collections.Frozen;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// Files made of boxes: MP4, QuickTime, M4A, 3GP, HEIC, HEIF, AVIF. The file type box names the brands (ISO/IEC 14496-12, 4.3); an
/// image is what any of them says is one, otherwise the major brand decides, and the compatible ones where it is not known here. QuickTime files from
/// before that box begin with the movie itself.
/// </summary>
internal static class IsoMedia
{
    private const int BoxHeaderBytes = 8;

    // Brands are as registered with the MP4 Registration Authority; HEIF's are in ISO/IEC 23008-12 B.4, AVIF's in its specification, 6.
    private static readonly FrozenDictionary<uint, FileType> Brands = new (FileType Type, string[] Brands)[]
    {
        (FileTypeCatalog.Heic, ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"]),
        (FileTypeCatalog.Avif, ["avif", "avis"]),
        (FileTypeCatalog.Mov, ["qt  "]),
        (FileTypeCatalog.M4A, ["M4A ", "M4B "]),
        (FileTypeCatalog.ThreeGp, ["3gp4", "3gp5", "3gp6", "3gp7", "3gp8", "3gp9", "3gs7", "3gr6", "3gr7"]),
        (FileTypeCatalog.Mp4, [
            "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42", "mp71", "avc1", "dash", "msdh",
            "M4V ", "M4VH", "M4VP", "MSNV", "mmp4", "f4v ", "XAVC", "NDSC", "NDSM", "NDXC", "NDXM"]),
    }
    .SelectMany(row => row.Brands, (row, brand) => KeyValuePair.Create(Code(brand), row.Type))
    .ToFrozenDictionary();

    public static Identification? Recognise(FileHead file) =>
        file.HasAt(4, "ftyp"u8) ? RecogniseBrands(file) : RecogniseOldQuickTime(file);

    private static Identification? RecogniseBrands(FileHead file)
    {
        // Bigger boxes than the head do not occur (a brand is four bytes, and files name a dozen at most); a file that ends with this
        // box has nothing in it.
        var size = file.UInt32(0, bigEndian: true);
        if (size < 16 || size > FileTypeCatalog.HeadBytes || size > file.Length || (size == file.Length && file.IsWhole))
            return Identification.Refuse(RefusalReason.Unknown, "broken iso media");

        var major = file.UInt32(8, bigEndian: true);
        var compatible = file.Bytes[16..(int)(size & ~3u)];
        if (Brands.TryGetValue(major, out var type) && type.Family == FileFamily.Image)
            return Identification.Of(type);
        if (major == Code("crx "))
            return Identification.Refuse(RefusalReason.Unsupported, "raw photo");

        // A reader of images takes it for one by any of its brands, so that it is one, whatever the first says: no video names them.
        if (ImageOf(major, compatible) is { } image)
            return Identification.Of(image);

        // A brand not known here: the compatible ones say what a reader may take it for.
        for (var at = 0; type is null && at + 4 <= compatible.Length; at += 4)
            Brands.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(compatible[at..]), out type);
        return type is not null
            ? Identification.Of(Refine(type, compatible, file))
            : Identification.Refuse(RefusalReason.Unsupported, "iso media");
    }

    // HEIF where only brands of no certain coding name an image; null where none does.
    private static FileType? ImageOf(uint major, ReadOnlySpan<byte> compatible)
    {
        var isImage = IsUncertain(major);
        for (var at = 0; at + 4 <= compatible.Length; at += 4)
        {
            var brand = BinaryPrimitives.ReadUInt32BigEndian(compatible[at..]);
            if (Brands.TryGetValue(brand, out var type) && type.Family == FileFamily.Image)
                return type;
            isImage |= IsUncertain(brand);
        }

        return isImage ? FileTypeCatalog.Heif : null;

        static bool IsUncertain(uint brand) => brand == Code("mif1") || brand == Code("msf1") || brand == Code("mif2");
    }

    /// <summary>Phones write sound alone under the general MP4 brands, and MP4 under 3GP ones; telling them apart would need the movie
    /// box, which stands at the end of most recordings. Here the name decides.</summary>
    private static FileType Refine(FileType type, ReadOnlySpan<byte> compatible, FileHead file)
    {
        if (type == FileTypeCatalog.Mp4 && file.IsNamed(".m4a", ".m4b"))
            return FileTypeCatalog.M4A;
        if (type == FileTypeCatalog.ThreeGp && file.IsNamed(".mp4", ".m4v") && NamesMp4(compatible))
            return FileTypeCatalog.Mp4;

        return type;
    }

    private static bool NamesMp4(ReadOnlySpan<byte> compatible)
    {
        for (var at = 0; at + 4 <= compatible.Length; at += 4)
        {
            if (Brands.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(compatible[at..]), out var type) && type == FileTypeCatalog.Mp4)
                return true;
        }

        return false;
    }

    /// <summary>Walks the first boxes until the movie or its data (QuickTime File Format Specification, "Overview of QTFF"). A first
    /// byte of 0x20 and up would be a box of half a gigabyte or, rather, text.</summary>
    private static Identification? RecogniseOldQuickTime(FileHead file)
    {
        var position = 0L;
        while (position + BoxHeaderBytes <= file.Length)
        {
            var at = (int)position;
            var size = file.UInt32(at, bigEndian: true);
            var isMovie = file.HasAt(at + 4, "moov"u8) || file.HasAt(at + 4, "mdat"u8);
            var isFiller = file.HasAt(at + 4, "wide"u8) || file.HasAt(at + 4, "free"u8)
                || file.HasAt(at + 4, "skip"u8) || file.HasAt(at + 4, "pnot"u8);
            if (isMovie)
            {
                var isPlausible = size is 1 or (> BoxHeaderBytes and < 0x2000_0000)
                    && (size == 1 || !file.IsWhole || position + size <= file.Length);
                return isPlausible ? Identification.Of(FileTypeCatalog.Mov) : null;
            }

            if (!isFiller || size < BoxHeaderBytes)
                return null;

            position += size;
        }

        return null;
    }

    private static uint Code(string brand) =>
        ((uint)brand[0] << 24) | ((uint)brand[1] << 16) | ((uint)brand[2] << 8) | brand[3];
}
