namespace OssProxy.Core.FileTypes;

/// <summary>
/// MP3 and AAC without a container. Eleven or twelve set bits begin a frame, which any file may have by chance, so two frames must follow
/// each other exactly, and agree in what never changes within a stream. An ID3v2 tag before them is skipped; one that is longer than the
/// head (it holds a cover) is evidence enough.
/// </summary>
internal static class MpegAudioFrames
{
    private const int Id3HeaderBytes = 10;

    // kbit/s by index, for layer III (ISO/IEC 11172-3, 2.4.2.3 and ISO/IEC 13818-3, 2.4.2.3); index 0, "free", is not used by encoders.
    private static ReadOnlySpan<ushort> Version1BitRates => [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

    private static ReadOnlySpan<ushort> Version2BitRates => [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

    private static ReadOnlySpan<ushort> Version1SampleRates => [44100, 48000, 32000];

    public static Identification? Recognise(FileHead file)
    {
        if (file.HasAt(0, "ID3"u8))
            return RecogniseTagged(file);

        return RecogniseFrames(file, 0);
    }

    private static Identification? RecogniseFrames(FileHead file, int offset)
    {
        if (IsPair(file, offset, Mp3FrameBytes(file, offset), Mp3FrameBytes, [0xFF, 0xFE, 0x0C]))
            return Identification.Of(FileTypeCatalog.Mp3);
        if (IsPair(file, offset, AdtsFrameBytes(file, offset), AdtsFrameBytes, [0xFF, 0xFE, 0xFC]))
            return Identification.Of(FileTypeCatalog.Aac);

        return null;
    }

    /// <summary>ID3v2: sizes are four bytes of seven bits, so that a tag never looks like a frame (id3.org, ID3v2.4.0, 3.1).</summary>
    private static Identification RecogniseTagged(FileHead file)
    {
        const byte hasFooter = 0x10;
        var isTag = file.Length >= Id3HeaderBytes && file[3] is >= 2 and <= 4 && file[4] != 0xFF && (file[5] & 0x0F) == 0
            && ((file[6] | file[7] | file[8] | file[9]) & 0x80) == 0;
        if (!isTag)
            return Identification.Broken(FileTypeCatalog.Mp3);

        var size = (file[6] << 21) | (file[7] << 14) | (file[8] << 7) | file[9];
        var frames = Id3HeaderBytes + size + ((file[5] & hasFooter) != 0 ? Id3HeaderBytes : 0);
        while (frames < file.Length && file[frames] == 0) // some writers pad behind the tag
            frames++;

        if (RecogniseFrames(file, frames) is { } answer)
            return answer;

        // The frames, or the second of them, lie beyond the head. A tag may stand before AAC too: the name says.
        const int longestPair = 4096;
        if (file.IsWhole || frames + longestPair <= file.Length)
            return Identification.Broken(FileTypeCatalog.Mp3);

        return Identification.Of(file.IsNamed(".aac") ? FileTypeCatalog.Aac : FileTypeCatalog.Mp3);
    }

    private static bool IsPair(FileHead file, int first, int length, Func<FileHead, int, int> frameBytes, ReadOnlySpan<byte> constantBits)
    {
        var second = first + length;
        if (length == 0 || frameBytes(file, second) == 0)
            return false;

        for (var i = 0; i < constantBits.Length; i++)
        {
            if (((file[first + i] ^ file[second + i]) & constantBits[i]) != 0)
                return false;
        }

        return true;
    }

    /// <summary>The length of the layer III frame that begins here; 0 when none does.</summary>
    private static int Mp3FrameBytes(FileHead file, int offset)
    {
        const int reserved = 1;
        const int version1 = 3;
        const int layer3 = 1;
        var version = (file[offset + 1] >> 3) & 3; // 0 is the unofficial 2.5
        var layer = (file[offset + 1] >> 1) & 3;
        var bitRate = file[offset + 2] >> 4;
        var sampleRate = (file[offset + 2] >> 2) & 3;
        var emphasis = file[offset + 3] & 3;
        if (offset + 4 > file.Length || file[offset] != 0xFF || file[offset + 1] < 0xE0 || version == reserved || layer != layer3
            || bitRate is 0 or 15 || sampleRate == 3 || emphasis == 2)
            return 0;

        var isVersion1 = version == version1;
        var kilobits = isVersion1 ? Version1BitRates[bitRate] : Version2BitRates[bitRate];
        var hertz = Version1SampleRates[sampleRate] >> (isVersion1 ? 0 : version == 2 ? 1 : 2);
        var padding = (file[offset + 2] >> 1) & 1;
        return ((isVersion1 ? 144 : 72) * kilobits * 1000 / hertz) + padding;
    }

    /// <summary>The length of the ADTS frame that begins here (ISO/IEC 14496-3, 1.A.3.2); 0 when none does.</summary>
    private static int AdtsFrameBytes(FileHead file, int offset)
    {
        const int headerBytes = 7;
        var isHeader = offset + headerBytes <= file.Length && file[offset] == 0xFF && (file[offset + 1] & 0xF6) == 0xF0
            && ((file[offset + 2] >> 2) & 0x0F) < 13;
        var length = ((file[offset + 3] & 3) << 11) | (file[offset + 4] << 3) | (file[offset + 5] >> 5);
        return isHeader && length > headerBytes ? length : 0;
    }
}
