using System.Buffers;
using System.Text;

namespace OssProxy.Core.FileTypes;

/// <summary>Whether bytes are text: UTF-8, UTF-16 with a byte order mark, or GBK, without control characters other than white
/// space.</summary>
internal static class TextEncodings
{
    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> Utf16LittleEndianMark => [0xFF, 0xFE];

    private static ReadOnlySpan<byte> Utf16BigEndianMark => [0xFE, 0xFF];

    /// <summary>Whether the head is text. A character that the end of the head cuts through counts, unless the file ends there
    /// too.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        if (bytes.StartsWith(Utf16LittleEndianMark))
            return IsUtf16(bytes[2..], bigEndian: false, isWhole);
        if (bytes.StartsWith(Utf16BigEndianMark))
            return IsUtf16(bytes[2..], bigEndian: true, isWhole);

        bytes = bytes.StartsWith(Utf8Mark) ? bytes[3..] : bytes;
        return IsUtf8(bytes, isWhole) || IsGbk(bytes, isWhole);
    }

    /// <summary>The same text with one byte per character, for looking for ASCII words in it: a mark is dropped, UTF-16 is narrowed and
    /// what is not ASCII in it becomes 0x80. UTF-16 without a mark, which is no text here, is narrowed too: a disguise should be
    /// called by its name.</summary>
    /// <param name="bytes">The head.</param>
    /// <param name="narrowed">Room for half as many bytes.</param>
    public static ReadOnlySpan<byte> ToAsciiView(ReadOnlySpan<byte> bytes, Span<byte> narrowed)
    {
        if (bytes.StartsWith(Utf8Mark))
            return bytes[3..];

        var hasLittleMark = bytes.StartsWith(Utf16LittleEndianMark);
        var hasBigMark = bytes.StartsWith(Utf16BigEndianMark);
        bytes = hasLittleMark || hasBigMark ? bytes[2..] : bytes;
        if (bytes.Length < 2 || (!hasLittleMark && !hasBigMark && (bytes[0] == 0) == (bytes[1] == 0)))
            return bytes;

        var low = hasBigMark || (!hasLittleMark && bytes[0] == 0) ? 1 : 0;
        var length = Math.Min(bytes.Length / 2, narrowed.Length);
        for (var i = 0; i < length; i++)
        {
            var isAscii = bytes[(2 * i) + 1 - low] == 0 && bytes[(2 * i) + low] < 0x80;
            narrowed[i] = isAscii ? bytes[(2 * i) + low] : (byte)0x80;
        }

        return narrowed[..length];
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var character, out var consumed);
            if (status == OperationStatus.NeedMoreData)
                return !isWhole;
            if (status != OperationStatus.Done || IsForbidden(character.Value))
                return false;

            bytes = bytes[consumed..];
        }

        return true;
    }

    private static bool IsUtf16(ReadOnlySpan<byte> bytes, bool bigEndian, bool isWhole)
    {
        if (bytes.IsEmpty || (isWhole && bytes.Length % 2 != 0))
            return false;

        var awaitsLowSurrogate = false;
        for (var i = 0; i + 1 < bytes.Length; i += 2)
        {
            var unit = (char)(bigEndian ? (bytes[i] << 8) | bytes[i + 1] : bytes[i] | (bytes[i + 1] << 8));
            if (char.IsLowSurrogate(unit) != awaitsLowSurrogate || IsForbidden(unit) || unit is '\uFFFE' or '\uFFFF')
                return false;

            awaitsLowSurrogate = char.IsHighSurrogate(unit);
        }

        return !awaitsLowSurrogate || !isWhole;
    }

    /// <summary>
    /// GBK, and the four-byte forms of GB 18030. Nearly any high bytes in pairs fit its grammar, so at least half of the pairs must come
    /// from the rows of GB 2312 that hold punctuation and the everyday characters (rows 1–3 and 16–87); rare characters fill the rest.
    /// </summary>
    private static bool IsGbk(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        var pairs = 0;
        var everyday = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var lead = bytes[i];
            if (lead < 0x80)
            {
                if (IsForbidden(lead))
                    return false;
                continue;
            }

            if (lead is 0x80 or 0xFF)
                return false;
            if (i + 1 == bytes.Length)
                return !isWhole && everyday * 2 >= pairs;

            var trail = bytes[i + 1];
            if (trail is >= 0x30 and <= 0x39)
            {
                if (!IsFourByteTail(bytes[(i + 2)..], isWhole))
                    return false;
                i += 3;
                continue;
            }

            if (trail is < 0x40 or 0x7F or 0xFF)
                return false;

            pairs++;
            everyday += lead is (>= 0xA1 and <= 0xA3) or (>= 0xB0 and <= 0xF7) && trail >= 0xA1 ? 1 : 0;
            i++;
        }

        return everyday * 2 >= pairs;
    }

    private static bool IsFourByteTail(ReadOnlySpan<byte> tail, bool isWhole) => tail.Length switch
    {
        0 => !isWhole,
        1 => !isWhole && tail[0] is >= 0x81 and <= 0xFE,
        _ => tail[0] is >= 0x81 and <= 0xFE && tail[1] is >= 0x30 and <= 0x39,
    };

    /// <summary>Control characters, except white space. Escape is among them: logs with colours can steer the terminal they are shown
    /// in.</summary>
    private static bool IsForbidden(int character) =>
        character is < 0x20 and not ('\t' or '\n' or '\r' or '\f') or (>= 0x7F and < 0xA0 and not 0x85);
}
