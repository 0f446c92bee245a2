namespace OssProxy.Core.FileTypes;

/// <summary>RIFF: WebP and WAV are stored, AVI and others are not.</summary>
internal static class RiffFiles
{
    public static Identification? Recognise(FileHead file)
    {
        if (!file.HasAt(0, "RIFF"u8))
            return null;
        if (file.HasAt(8, "WEBP"u8))
            return IsWebP(file) ? Identification.Of(FileTypeCatalog.WebP) : Identification.Broken(FileTypeCatalog.WebP);
        if (file.HasAt(8, "WAVE"u8))
            return IsWave(file) ? Identification.Of(FileTypeCatalog.Wav) : Identification.Broken(FileTypeCatalog.Wav);

        return Identification.Refuse(RefusalReason.Unsupported, file.HasAt(8, "AVI "u8) ? "avi" : "riff");
    }

    /// <summary>The first chunk is one of three, each with a fixed beginning (RFC 9649, 2.5–2.7).</summary>
    private static bool IsWebP(FileHead file) =>
        (file.HasAt(12, "VP8 "u8) && file.HasAt(23, [0x9D, 0x01, 0x2A]) && file.Length >= 30)
        || (file.HasAt(12, "VP8L"u8) && file[20] == 0x2F && file.Length >= 25)
        || (file.HasAt(12, "VP8X"u8) && file.UInt32(16) == 10 && file.Length >= 30);

    /// <summary>Looks for the format chunk; recorders put padding and broadcast chunks before it.</summary>
    private static bool IsWave(FileHead file)
    {
        const int chunkHeaderBytes = 8;
        var position = 12L;
        while (position + chunkHeaderBytes + 16 <= file.Length)
        {
            var at = (int)position;
            var size = file.UInt32(at + 4);
            if (file.HasAt(at, "fmt "u8))
                return size >= 16 && file.UInt16(at + 8) != 0 && file.UInt16(at + 10) != 0 && file.UInt32(at + 12) != 0;

            position += chunkHeaderBytes + size + (size & 1); // chunks are aligned to two bytes
        }

        return false;
    }
}
