using System.Buffers.Binary;

namespace OssProxy.Core.Images;

/// <summary>The quality at which a JPEG was written, judged by its luminance table: that of the Independent JPEG Group's scale (1–100)
/// whose sum is nearest. Exact for files of encoders that use the scale, a fair guess for others.</summary>
public static class JpegQuality
{
    private const byte Marker = 0xFF;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte QuantisationTables = 0xDB;
    private const int Entries = 64;

    // Annex K.1 of ITU-T T.81, at quality 50; the sum is all that counts, so the order does not matter.
    private static ReadOnlySpan<byte> Luminance =>
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];

    private static readonly int[] Sums = [.. Enumerable.Range(1, 100).Select(SumAt)];

    /// <summary>Estimates the quality, 1–100; null for what is no JPEG, is cut off before its tables, or has no table 0 of eight bits
    /// before its first scan. Reads headers only, each byte at most once, and believes none of the lengths in them.</summary>
    public static int? Estimate(ReadOnlySpan<byte> jpeg)
    {
        if (jpeg.Length < 2 || jpeg[0] != Marker || jpeg[1] != StartOfImage)
            return null;

        for (var rest = jpeg[2..]; rest.Length >= 2 && rest[0] == Marker;)
        {
            var marker = rest[1];
            if (marker == Marker)
            {
                // Any number of fill bytes may stand before a marker (T.81, B.1.1.2).
                rest = rest[1..];
                continue;
            }

            if (marker is StartOfScan or EndOfImage)
                return null;

            rest = rest[2..];
            if (marker is 0x01 or (>= 0xD0 and <= StartOfImage))
                continue;
            if (rest.Length < 2)
                return null;

            int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (length < 2 || length > rest.Length)
                return null;
            if (marker == QuantisationTables && SumOf(rest[2..length]) is { } sum)
                return Nearest(sum);

            rest = rest[length..];
        }

        return null;
    }

    /// <summary>The sum of table 0, where the segment has it with eight bits; null where it does not.</summary>
    private static int? SumOf(ReadOnlySpan<byte> tables)
    {
        while (tables.Length > Entries)
        {
            var (precision, id) = (tables[0] >> 4, tables[0] & 0x0F);
            if (precision == 0 && id == 0)
            {
                var sum = 0;
                foreach (var entry in tables[1..(1 + Entries)])
                    sum += entry;
                return sum;
            }

            var bytes = 1 + (precision == 0 ? Entries : 2 * Entries);
            if (bytes > tables.Length)
                return null;

            tables = tables[bytes..];
        }

        return null;
    }

    private static int Nearest(int sum)
    {
        // From above, so that of two that are equally near the better one is believed.
        var nearest = 100;
        for (var quality = 99; quality >= 1; quality--)
        {
            if (Math.Abs(Sums[quality - 1] - sum) < Math.Abs(Sums[nearest - 1] - sum))
                nearest = quality;
        }

        return nearest;
    }

    private static int SumAt(int quality)
    {
        var scale = quality < 50 ? 5000 / quality : 200 - (2 * quality);
        var sum = 0;
        foreach (var entry in Luminance)
            sum += Math.Clamp(((entry * scale) + 50) / 100, 1, 255);
        return sum;
    }
}
