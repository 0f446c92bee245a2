namespace OssProxy.Core.FileTypes;

/// <summary>AMR speech, narrow and wide band: a magic line, then frames whose first byte gives their length (RFC 4867, 5). The first
/// frame must be one, because the line alone could be a script's.</summary>
internal static class AmrFrames
{
    // Bytes per frame by frame type, with the byte that names the type; 0 where the type is reserved (3GPP TS 26.101 and 26.201).
    private static ReadOnlySpan<byte> NarrowBandFrameBytes => [13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1];

    private static ReadOnlySpan<byte> WideBandFrameBytes => [18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1];

    public static Identification? Recognise(FileHead file)
    {
        if (file.HasAt(0, "#!AMR\n"u8))
            return Answer(FileTypeCatalog.Amr, file, "#!AMR\n".Length, NarrowBandFrameBytes);
        if (file.HasAt(0, "#!AMR-WB\n"u8))
            return Answer(FileTypeCatalog.AmrWideBand, file, "#!AMR-WB\n".Length, WideBandFrameBytes);

        return null;
    }

    private static Identification Answer(FileType type, FileHead file, int first, ReadOnlySpan<byte> frameBytes)
    {
        var length = FrameBytes(file, first, frameBytes);
        var second = first + length;
        var holds = length > 0 && second <= file.Length && (second == file.Length || FrameBytes(file, second, frameBytes) > 0);
        return holds ? Identification.Of(type) : Identification.Broken(type);
    }

    /// <summary>The frame's length; 0 when no frame begins here: the byte has a bit set that is always 0, or a reserved type.</summary>
    private static int FrameBytes(FileHead file, int offset, ReadOnlySpan<byte> frameBytes)
    {
        const byte alwaysZero = 0x83;
        return offset < file.Length && (file[offset] & alwaysZero) == 0 ? frameBytes[file[offset] >> 3] : 0;
    }
}
