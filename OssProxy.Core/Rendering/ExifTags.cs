using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace OssProxy.Core.Rendering;

/// <summary>
/// Reads the EXIF of a picture into names and texts as OSS's <c>info</c> writes them: numbers as they are, fractions as <c>96/1</c>,
/// several with spaces between, positions in degrees. Believes nothing: every offset is checked, loops are cut, and what is too long or
/// unknown is left out.
/// </summary>
internal static class ExifTags
{
    private const int MostEntries = 256, MostValueBytes = 512;
    private const int Ascii = 2, Rational = 5, SignedRational = 10;

    // Bytes of one value of each type (TIFF 6.0, section 2).
    private static readonly int[] Widths = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

    private static readonly FrozenDictionary<int, string> Main = Table(
    [
        (0x0100, "ImageWidth"), (0x0101, "ImageLength"), (0x0102, "BitsPerSample"), (0x0103, "Compression"),
        (0x0106, "PhotometricInterpretation"), (0x010E, "ImageDescription"), (0x010F, "Make"), (0x0110, "Model"),
        (0x0112, "Orientation"), (0x0115, "SamplesPerPixel"), (0x011A, "XResolution"), (0x011B, "YResolution"),
        (0x0128, "ResolutionUnit"), (0x0131, "Software"), (0x0132, "DateTime"), (0x013B, "Artist"), (0x013C, "HostComputer"),
        (0x0201, "JPEGInterchangeFormat"), (0x0202, "JPEGInterchangeFormatLength"), (0x0211, "YCbCrCoefficients"),
        (0x0213, "YCbCrPositioning"), (0x8298, "Copyright"), (0x8769, "ExifTag"), (0x8825, "GPSTag"),
        (0x829A, "ExposureTime"), (0x829D, "FNumber"), (0x8822, "ExposureProgram"), (0x8827, "ISOSpeedRatings"),
        (0x9000, "ExifVersion"), (0x9003, "DateTimeOriginal"), (0x9004, "DateTimeDigitized"), (0x9010, "OffsetTime"),
        (0x9101, "ComponentsConfiguration"), (0x9102, "CompressedBitsPerPixel"), (0x9201, "ShutterSpeedValue"),
        (0x9202, "ApertureValue"), (0x9203, "BrightnessValue"), (0x9204, "ExposureBiasValue"), (0x9205, "MaxApertureValue"),
        (0x9206, "SubjectDistance"), (0x9207, "MeteringMode"), (0x9208, "LightSource"), (0x9209, "Flash"), (0x920A, "FocalLength"),
        (0x9214, "SubjectArea"), (0x9290, "SubSecTime"), (0x9291, "SubSecTimeOriginal"), (0x9292, "SubSecTimeDigitized"),
        (0xA000, "FlashpixVersion"), (0xA001, "ColorSpace"), (0xA002, "PixelXDimension"), (0xA003, "PixelYDimension"),
        (0xA20E, "FocalPlaneXResolution"), (0xA20F, "FocalPlaneYResolution"), (0xA210, "FocalPlaneResolutionUnit"),
        (0xA217, "SensingMethod"), (0xA300, "FileSource"), (0xA301, "SceneType"), (0xA401, "CustomRendered"),
        (0xA402, "ExposureMode"), (0xA403, "WhiteBalance"), (0xA404, "DigitalZoomRatio"), (0xA405, "FocalLengthIn35mmFilm"),
        (0xA406, "SceneCaptureType"), (0xA407, "GainControl"), (0xA408, "Contrast"), (0xA409, "Saturation"), (0xA40A, "Sharpness"),
        (0xA40C, "SubjectDistanceRange"), (0xA420, "ImageUniqueID"), (0xA432, "LensSpecification"), (0xA433, "LensMake"),
        (0xA434, "LensModel"),
    ]);

    private static readonly FrozenDictionary<int, string> Gps = Table(
    [
        (0x00, "GPSVersionID"), (0x01, "GPSLatitudeRef"), (0x02, "GPSLatitude"), (0x03, "GPSLongitudeRef"), (0x04, "GPSLongitude"),
        (0x05, "GPSAltitudeRef"), (0x06, "GPSAltitude"), (0x07, "GPSTimeStamp"), (0x08, "GPSSatellites"), (0x09, "GPSStatus"),
        (0x0A, "GPSMeasureMode"), (0x0B, "GPSDOP"), (0x0C, "GPSSpeedRef"), (0x0D, "GPSSpeed"), (0x0E, "GPSTrackRef"),
        (0x0F, "GPSTrack"), (0x10, "GPSImgDirectionRef"), (0x11, "GPSImgDirection"), (0x12, "GPSMapDatum"), (0x1D, "GPSDateStamp"),
    ]);

    /// <param name="exif">A TIFF structure, with or without <c>Exif\0\0</c> in front.</param>
    public static IReadOnlyDictionary<string, string> Read(ReadOnlySpan<byte> exif)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];

        var bigEndian = exif.StartsWith("MM\0*"u8);
        if (exif.Length < 8 || (!bigEndian && !exif.StartsWith("II*\0"u8)))
            return tags;

        var block = new Block(exif, bigEndian);
        var first = block.UInt32(4);
        var thumbnail = ReadTable(block, first, Main, tags);
        if (Pointer(tags, "ExifTag") is { } photo)
            ReadTable(block, photo, Main, tags);
        if (Pointer(tags, "GPSTag") is { } place)
            ReadTable(block, place, Gps, tags);
        if (thumbnail != 0 && thumbnail != first)
            ReadTable(block, thumbnail, Main, tags); // of the small picture inside; what the large one says stays
        return tags;
    }

    private static FrozenDictionary<int, string> Table(ReadOnlySpan<(int Tag, string Name)> names)
    {
        var table = new Dictionary<int, string>(names.Length);
        foreach (var (tag, name) in names)
            table.Add(tag, name);
        return table.ToFrozenDictionary();
    }

    private static uint? Pointer(Dictionary<string, string> tags, string name) =>
        tags.TryGetValue(name, out var text) && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : null;

    /// <summary>Reads one table and returns where the next one is; 0 for none.</summary>
    private static uint ReadTable(Block block, uint offset, FrozenDictionary<int, string> names, Dictionary<string, string> tags)
    {
        if (!block.Has(offset, 2))
            return 0;

        int entries = block.UInt16((int)offset);
        if (entries > MostEntries || !block.Has((long)offset + 2, (entries * 12L) + 4))
            return 0;

        for (var entry = 0; entry < entries; entry++)
        {
            var at = (int)offset + 2 + (entry * 12);
            if (names.TryGetValue(block.UInt16(at), out var name) && Value(block, at, name) is { Length: > 0 } value)
                tags.TryAdd(name, value);
        }

        return block.UInt32((int)offset + 2 + (entries * 12));
    }

    private static string? Value(Block block, int entry, string name)
    {
        int type = block.UInt16(entry + 2);
        var count = block.UInt32(entry + 4);
        if (type <= 0 || type >= Widths.Length)
            return null;

        var bytes = count * (long)Widths[type];
        if (bytes is 0 or > MostValueBytes)
            return null;

        long at = bytes <= 4 ? entry + 8L : block.UInt32(entry + 8);
        if (!block.Has(at, bytes))
            return null;
        if (type == Ascii)
            return Word(name, Text(block.Bytes.Slice((int)at, (int)bytes)));
        if (name is "GPSLatitude" or "GPSLongitude" && type == Rational && count == 3)
            return Degrees(block, (int)at);

        return string.Join(' ', Numbers(block, (int)at, type, (int)count));
    }

    private static List<string> Numbers(Block block, int at, int type, int count)
    {
        var numbers = new List<string>(count);
        for (var number = 0; number < count; number++, at += Widths[type])
        {
            numbers.Add(type switch
            {
                1 or 7 => Invariant($"{block.Bytes[at]}"),
                6 => Invariant($"{(sbyte)block.Bytes[at]}"),
                3 => Invariant($"{block.UInt16(at)}"),
                8 => Invariant($"{(short)block.UInt16(at)}"),
                4 => Invariant($"{block.UInt32(at)}"),
                9 => Invariant($"{(int)block.UInt32(at)}"),
                Rational => Invariant($"{block.UInt32(at)}/{block.UInt32(at + 4)}"),
                SignedRational => Invariant($"{(int)block.UInt32(at)}/{(int)block.UInt32(at + 4)}"),
                11 => Invariant($"{BitConverter.UInt32BitsToSingle(block.UInt32(at))}"),
                _ => "",
            });
        }

        return numbers;
    }

    /// <summary>As OSS writes them: <c>31deg 13' 50.02"</c>, and <c>0deg </c> for nothing but zeros.</summary>
    private static string Degrees(Block block, int at)
    {
        var text = new StringBuilder();
        foreach (var (index, unit) in ((int, string)[])[(0, "deg "), (1, "' "), (2, "\"")])
        {
            var (over, under) = (block.UInt32(at + (index * 8)), block.UInt32(at + (index * 8) + 4));
            if (index == 0 || over != 0)
                text.Append(Invariant($"{(under == 0 ? 0 : Math.Round((double)over / under, 3))}{unit}"));
        }

        return text.ToString();
    }

    private static string Word(string name, string text) => (name, text) switch
    {
        ("GPSLatitudeRef", "N") => "North",
        ("GPSLatitudeRef", "S") => "South",
        ("GPSLongitudeRef", "E") => "East",
        ("GPSLongitudeRef", "W") => "West",
        _ => text,
    };

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
        return string.Concat(text.Where(letter => !char.IsControl(letter)));
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private readonly ref struct Block(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        public ReadOnlySpan<byte> Bytes { get; } = bytes;

        public bool Has(long at, long count) => at >= 0 && count >= 0 && at + count <= Bytes.Length;

        public ushort UInt16(int at) => bigEndian
            ? BinaryPrimitives.ReadUInt16BigEndian(Bytes[at..])
            : BinaryPrimitives.ReadUInt16LittleEndian(Bytes[at..]);

        public uint UInt32(int at) => bigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(Bytes[at..])
            : BinaryPrimitives.ReadUInt32LittleEndian(Bytes[at..]);
    }
}
