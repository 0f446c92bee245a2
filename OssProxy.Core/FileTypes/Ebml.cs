using System.Numerics;

namespace OssProxy.Core.FileTypes;

/// <summary>WebM, told from Matroska by the document type in the EBML header (RFC 8794, 11.2.7; RFC 9559, 4). Matroska is refused: no
/// browser and no mini-program plays it.</summary>
internal static class Ebml
{
    private const uint DocType = 0x4282;

    public static Identification? Recognise(FileHead file)
    {
        if (!file.HasAt(0, [0x1A, 0x45, 0xDF, 0xA3]))
            return null;

        var position = 4;
        var end = ReadNumber(file, ref position, keepMarker: false) is { } size
            ? Math.Min(position + size, file.Length)
            : 0;
        while (position < end)
        {
            if (ReadNumber(file, ref position, keepMarker: true) is not { } id
                || ReadNumber(file, ref position, keepMarker: false) is not { } length
                || length > end - position)
                break;

            var value = file.From(position)[..(int)length];
            if (id == DocType)
                return RecogniseDocType(value.TrimEnd((byte)0));

            position += (int)length;
        }

        return Identification.Refuse(RefusalReason.Unknown, "broken ebml");
    }

    private static Identification RecogniseDocType(ReadOnlySpan<byte> value)
    {
        if (value.SequenceEqual("webm"u8))
            return Identification.Of(FileTypeCatalog.WebM);

        return Identification.Refuse(RefusalReason.Unsupported, value.SequenceEqual("matroska"u8) ? "matroska" : "ebml");
    }

    /// <summary>A number of 1–8 bytes whose leading zero bits say how many follow (RFC 8794, 4); null when it is cut off.</summary>
    private static long? ReadNumber(FileHead file, ref int position, bool keepMarker)
    {
        var first = file[position];
        var length = BitOperations.LeadingZeroCount((uint)first) - 24 + 1;
        if (length > 8 || position + length > file.Length)
            return null;

        long value = keepMarker ? first : first & (0xFF >> length);
        for (var i = 1; i < length; i++)
            value = (value << 8) | file[position + i];

        position += length;
        return value;
    }
}
