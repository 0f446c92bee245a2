namespace OssProxy.Core.FileTypes;

/// <summary>
/// The sides of a picture in pixels, as its header tells them: nothing is decoded, so the picture may still be broken or of another size.
/// Nothing that turns or crops it for display is applied, neither the orientation of EXIF nor a transformation of HEIF: a photo taken
/// upright may be told as lying.
/// </summary>
/// <param name="Width">1 to 2³¹−1.</param>
/// <param name="Height">1 to 2³¹−1.</param>
public readonly record struct PictureSize(int Width, int Height)
{
    /// <summary>Reads the size from the first bytes of a file. Costs what identification does, allocates nothing and never throws.</summary>
    /// <param name="type">What <see cref="FileTypeCatalog.Identify"/> took the file for.</param>
    /// <param name="head">The file's first bytes; those beyond <see cref="FileTypeCatalog.HeadBytes"/> have no influence.</param>
    /// <returns>Null when the type is no picture or a TIFF, when the size lies beyond the head (a JPEG with much metadata), or when it
    /// cannot be.</returns>
    public static PictureSize? Of(FileType type, ReadOnlySpan<byte> head)
    {
        var file = new FileHead(head[..Math.Min(head.Length, FileTypeCatalog.HeadBytes)], isWhole: false, extension: null);
        return type.Name switch
        {
            "png" => OfPng(file),
            "gif" => file.HasAt(0, "GIF8"u8) ? Checked(file.UInt16(6), file.UInt16(8)) : null,
            "bmp" => OfBmp(file),
            "webp" => OfWebP(file),
            "jpeg" => OfJpeg(file),
            "heic" or "heif" or "avif" => HeifItems.PrimarySize(file.Bytes),
            _ => null,
        };
    }

    /// <summary>A size that can be; null otherwise.</summary>
    internal static PictureSize? Checked(long width, long height) =>
        width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue ? new PictureSize((int)width, (int)height) : null;

    // PNG specification, 11.2.1.
    private static PictureSize? OfPng(FileHead file) =>
        file.HasAt(8, "\0\0\0\x0DIHDR"u8) ? Checked(file.UInt32(16, bigEndian: true), file.UInt32(20, bigEndian: true)) : null;

    /// <summary>The core header has sides of 16 bits, every other one of 32; a negative height stands for rows from the top.</summary>
    private static PictureSize? OfBmp(FileHead file)
    {
        const int coreHeaderBytes = 12;
        if (!file.HasAt(0, "BM"u8))
            return null;

        return file.UInt32(14) switch
        {
            < coreHeaderBytes => null,
            coreHeaderBytes => Checked(file.UInt16(18), file.UInt16(20)),
            _ => Checked((int)file.UInt32(18), Math.Abs((long)(int)file.UInt32(22))),
        };
    }

    /// <summary>RFC 9649, 2.5–2.7, and for the lossy kind RFC 6386, 9.1: 14 bits for each side, above them how to scale for
    /// display.</summary>
    private static PictureSize? OfWebP(FileHead file)
    {
        const int sideMask = 0x3FFF;
        if (file.Length < 25 || !file.HasAt(0, "RIFF"u8) || !file.HasAt(8, "WEBP"u8))
            return null;
        if (file.HasAt(12, "VP8 "u8) && file.HasAt(23, [0x9D, 0x01, 0x2A]))
            return Checked(file.UInt16(26) & sideMask, file.UInt16(28) & sideMask);
        if (file.HasAt(12, "VP8L"u8) && file[20] == 0x2F)
            return Checked((file.UInt32(21) & sideMask) + 1, ((file.UInt32(21) >> 14) & sideMask) + 1);
        if (file.HasAt(12, "VP8X"u8) && file.Length >= 30)
            return Checked(Side24(file, 24), Side24(file, 27));

        return null;
    }

    private static int Side24(FileHead file, int offset) => (file.UInt16(offset) | (file[offset + 2] << 16)) + 1;

    /// <summary>Walks the segments to the frame header (ITU-T T.81, B.2.2). A thumbnail's stands inside a segment and is passed over. No
    /// height there means that it follows the first scan, far away.</summary>
    private static PictureSize? OfJpeg(FileHead file)
    {
        const byte startOfScan = 0xDA;
        if (!file.HasAt(0, [0xFF, 0xD8]))
            return null;

        var position = 2;
        while (position + 4 <= file.Length && file[position] == 0xFF)
        {
            var marker = file[position + 1];
            if (marker == 0xFF) // a fill byte
            {
                position++;
                continue;
            }

            var length = file.UInt16(position + 2, bigEndian: true);
            if (length < 2 || marker is < 0xC0 or (>= 0xD0 and <= 0xD9) or startOfScan)
                return null;

            // SOF0–SOF15, less the three that define tables or are reserved.
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return Checked(file.UInt16(position + 7, bigEndian: true), file.UInt16(position + 5, bigEndian: true));

            position += 2 + length;
        }

        return null;
    }
}
