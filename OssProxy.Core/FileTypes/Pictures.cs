namespace OssProxy.Core.FileTypes;

/// <summary>JPEG, PNG, GIF, BMP, TIFF: each has a signature and a fixed header behind it, and both must hold.</summary>
internal static class Pictures
{
    public static Identification? Recognise(FileHead file)
    {
        if (file.HasAt(0, [0xFF, 0xD8, 0xFF]))
            return Answer(FileTypeCatalog.Jpeg, IsJpeg(file));
        if (file.HasAt(0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
            return Answer(FileTypeCatalog.Png, IsPng(file));
        if (file.HasAt(0, "GIF87a"u8) || file.HasAt(0, "GIF89a"u8))
            return Answer(FileTypeCatalog.Gif, IsGif(file));
        if (file.HasAt(0, "BM"u8))
            return IsBmp(file) ? Identification.Of(FileTypeCatalog.Bmp) : null;
        if (file.HasAt(0, "II*\0"u8) || file.HasAt(0, "MM\0*"u8))
            return RecogniseTiff(file);

        return null;
    }

    private static Identification Answer(FileType type, bool holds) =>
        holds ? Identification.Of(type) : Identification.Broken(type);

    /// <summary>Walks the marker segments (ITU-T T.81, B.1.1) up to the scan. Metadata often reaches beyond the head, which is fine; a
    /// file that ends before its scan has no picture.</summary>
    private static bool IsJpeg(FileHead file)
    {
        const byte startOfScan = 0xDA;
        var position = 2;
        while (position + 4 <= file.Length)
        {
            if (file[position] != 0xFF)
                return false;

            var marker = file[position + 1];
            if (marker == 0xFF) // a fill byte
            {
                position++;
                continue;
            }

            // Neither a reserved marker nor one that stands alone (SOI, EOI, RST) may come before the scan.
            var length = file.UInt16(position + 2, bigEndian: true);
            if (marker is < 0xC0 or (>= 0xD0 and <= 0xD9) || length < 2)
                return false;
            if (marker == startOfScan)
                return true;

            position += 2 + length;
        }

        return !file.IsWhole;
    }

    /// <summary>IHDR comes first, 13 bytes long, with both sides between 1 and 2³¹−1 (PNG specification 11.2.1).</summary>
    private static bool IsPng(FileHead file) =>
        file.Length >= 33
        && file.HasAt(8, "\0\0\0\x0DIHDR"u8)
        && file.UInt32(16, bigEndian: true) is > 0 and <= int.MaxValue
        && file.UInt32(20, bigEndian: true) is > 0 and <= int.MaxValue;

    /// <summary>A logical screen with two sides, and behind it and its colour table a block that GIF knows (GIF89a, 18–20). Six letters
    /// alone are what a script in disguise begins with: <c>GIF89a=1;</c></summary>
    private static bool IsGif(FileHead file)
    {
        if (file.Length < 14 || file.UInt16(6) == 0 || file.UInt16(8) == 0)
            return false;

        var packed = file[10];
        var tableBytes = (packed & 0x80) != 0 ? 3 * (2 << (packed & 0x07)) : 0;
        var block = 13 + tableBytes;
        return block < file.Length ? file[block] is (byte)',' or (byte)'!' : !file.IsWhole;
    }

    /// <summary>Two letters are weak, so everything that is fixed behind them must hold: the reserved word, a DIB header of a known size,
    /// the offset of the pixels, one plane, a depth that exists.</summary>
    private static bool IsBmp(FileHead file)
    {
        const int fileHeaderBytes = 14;
        const int coreHeaderBytes = 12; // OS/2 1.x, with 16-bit sides
        var size = file.UInt32(2);
        var pixels = file.UInt32(10);
        var header = file.UInt32(14);
        if (file.Length < fileHeaderBytes + coreHeaderBytes || file.UInt32(6) != 0
            || header is not (coreHeaderBytes or 16 or 40 or 52 or 56 or 64 or 108 or 124)
            || pixels < fileHeaderBytes + header || (size != 0 && size < pixels))
            return false;

        var isCore = header == coreHeaderBytes;
        var planes = file.UInt16(isCore ? 22 : 26);
        var depth = file.UInt16(isCore ? 24 : 28);
        var width = isCore ? file.UInt16(18) : (int)file.UInt32(18);
        var height = isCore ? file.UInt16(20) : (int)file.UInt32(22); // negative when the rows run from the top
        return planes == 1 && depth is 1 or 2 or 4 or 8 or 16 or 24 or 32 && width > 0 && height != 0;
    }

    private static Identification RecogniseTiff(FileHead file)
    {
        // Raw photos are TIFF in their structure but not for any viewer of TIFF.
        if (file.HasAt(8, "CR\x02"u8) || file.IsNamed(".dng", ".nef", ".arw", ".cr2", ".pef", ".srw"))
            return Identification.Refuse(RefusalReason.Unsupported, "raw photo");

        return Answer(FileTypeCatalog.Tiff, IsTiff(file));
    }

    /// <summary>The first directory lies behind the header and, where the head shows it, begins with a field of a known kind (TIFF 6.0,
    /// section 2).</summary>
    private static bool IsTiff(FileHead file)
    {
        var bigEndian = file[0] == (byte)'M';
        var directory = file.UInt32(4, bigEndian);
        if (file.Length < 8 || directory < 8)
            return false;
        if (directory + 2L + 12 > file.Length)
            return !file.IsWhole;

        var at = (int)directory;
        return file.UInt16(at, bigEndian) > 0 && file.UInt16(at + 4, bigEndian) is >= 1 and <= 13;
    }
}
