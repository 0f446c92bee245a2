using System.Buffers.Binary;

namespace OssProxy.Emulator.Callbacks;

/// <summary>Size and kind of a picture, read from the first bytes of PNG and GIF and from the frame header of JPEG.</summary>
internal sealed record ImageHeader(string Format, int Width, int Height)
{
    private const int HeadBytes = 24;

    private static ReadOnlySpan<byte> PngSignature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Null for what is no picture of these kinds, or not a whole one.</summary>
    public static async Task<ImageHeader?> ReadAsync(Stream image, CancellationToken cancellationToken)
    {
        var head = new byte[HeadBytes];
        var read = await image.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, cancellationToken);
        if (read == HeadBytes && head.AsSpan().StartsWith(PngSignature))
            return new("png", BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(20)));

        if (read >= 10 && (head.AsSpan().StartsWith("GIF87a"u8) || head.AsSpan().StartsWith("GIF89a"u8)))
            return new("gif", BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(6)), BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(8)));

        return head is [0xFF, 0xD8, ..] ? await JpegAsync(image, cancellationToken) : null;
    }

    // Segments (marker, length, content) until the one that begins a frame: C0 to CF without the tables C4, C8 and CC.
    private static async Task<ImageHeader?> JpegAsync(Stream image, CancellationToken cancellationToken)
    {
        var segment = new byte[9];
        for (long position = 2; position + 9 <= image.Length;)
        {
            image.Position = position;
            await image.ReadExactlyAsync(segment, cancellationToken);
            if (segment[0] != 0xFF)
                return null;

            if (segment[1] == 0xFF)
            {
                position++;
                continue;
            }

            if (segment[1] is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return new("jpg", BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(7)), BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(5)));

            position += 2 + Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(2)));
        }

        return null;
    }
}
