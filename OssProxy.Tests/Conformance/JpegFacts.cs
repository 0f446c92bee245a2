using System.Buffers.Binary;

namespace OssProxy.Tests.Conformance;

/// <summary>What the markers of a JPEG say, read for the tests alone.</summary>
/// <param name="Width">Of the stored picture, whatever EXIF says of turning it.</param>
/// <param name="Height">Likewise.</param>
/// <param name="Quality">On the scale of the IJG, by the first table of luminance.</param>
/// <param name="Orientation">Of EXIF; null for none.</param>
public sealed record JpegFacts(int Width, int Height, int Quality, bool Progressive, int? Orientation)
{
    // ITU-T T.81, table K.1, in zigzag order as files have it.
    private static readonly int[] Luminance =
    [
        16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
        56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
    ];

    public static JpegFacts Of(ReadOnlySpan<byte> file)
    {
        var (width, height, quality, progressive, orientation) = (0, 0, 0, false, (int?)null);
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF && file[at + 1] != 0xDA;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            var segment = file.Slice(at + 4, length - 2);
            if (file[at + 1] == 0xDB && quality == 0 && segment[0] == 0)
                quality = QualityOf(segment.Slice(1, 64));
            if (file[at + 1] is 0xC0 or 0xC1 or 0xC2)
                (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
            progressive |= file[at + 1] == 0xC2;
            if (file[at + 1] == 0xE1 && segment.StartsWith("Exif\0\0"u8))
                orientation = OrientationOf(segment[6..]);
            at += 2 + length;
        }

        return new JpegFacts(width, height, quality, progressive, orientation);
    }

    private static int QualityOf(ReadOnlySpan<byte> table)
    {
        var (best, distance) = (0, int.MaxValue);
        for (var quality = 1; quality <= 100; quality++)
        {
            var scale = quality < 50 ? 5000 / quality : 200 - (2 * quality);
            var sum = 0;
            for (var entry = 0; entry < 64; entry++)
                sum += Math.Abs(table[entry] - Math.Clamp(((Luminance[entry] * scale) + 50) / 100, 1, 255));
            if (sum < distance)
                (best, distance) = (quality, sum);
        }

        return best;
    }

    private static int? OrientationOf(ReadOnlySpan<byte> tiff)
    {
        var big = tiff[0] == 'M';
        int Short(ReadOnlySpan<byte> at) => big ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
        int Long(ReadOnlySpan<byte> at) => big ? BinaryPrimitives.ReadInt32BigEndian(at) : BinaryPrimitives.ReadInt32LittleEndian(at);
        var directory = tiff[Long(tiff[4..])..];
        for (var entry = 0; entry < Short(directory); entry++)
        {
            var field = directory.Slice(2 + (entry * 12), 12);
            if (Short(field) == 0x0112)
                return Short(field[8..]);
        }

        return null;
    }
}
