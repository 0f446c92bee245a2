using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace OssProxy.Tests.Conformance;

/// <summary>Small files that would be large pictures, or long work, if they were believed.</summary>
internal static class PictureBombs
{
    public static IReadOnlyDictionary<string, Func<byte[]>> All { get; } = new SortedDictionary<string, Func<byte[]>>(StringComparer.Ordinal)
    {
        ["a PNG of 60,000 by 60,000"] = () => Png(60_000, 60_000, 1, 0, 1_000),
        ["a PNG of 16,000 by 16,000 that is all there"] = () => Png(16_000, 16_000, 1, 0, 16_000),
        ["a PNG of 2 billion by 1"] = () => Png(int.MaxValue, 1, 8, 2, 1),
        ["a PNG whose text inflates to 200 MB"] = () => Png(8, 8, 8, 2, 8, Chunk("zTXt", [.. "Comment\0\0"u8, .. Deflated(new byte[200_000_000])])),
        ["a PNG whose profile inflates to 200 MB"] = () => Png(8, 8, 8, 2, 8, Chunk("iCCP", [.. "icc\0\0"u8, .. Deflated(new byte[200_000_000])])),
        ["a GIF of 65,535 by 65,535"] = () => Gif(65_535, 65_535, 1, whole: true),
        ["a GIF of 5,000 frames"] = () => Gif(2_000, 2_000, 5_000),
        ["a BMP of 30,000 by 30,000"] = () => Bmp(30_000, 30_000, 24),
        ["a BMP of 2 billion by 2 billion"] = () => Bmp(int.MaxValue, int.MaxValue, 32),
        ["a BMP of a negative width"] = () => Bmp(-5, 5, 24),
        ["a JPEG of 65,500 by 65,500"] = () => Resized(File.ReadAllBytes(ConformanceCase.FileOf("jpg200x100")!), 65_500, 65_500),
        ["a JPEG of 12,000 by 12,000 without its pixels"] = () => Resized(File.ReadAllBytes(ConformanceCase.FileOf("jpg200x100")!), 12_000, 12_000),
        ["a WebP of 16,384 by 16,384"] = () => WebP(16_383, 16_383),
        ["a TIFF of 4 billion by 4 billion"] = () => Tiff(uint.MaxValue, uint.MaxValue),
        ["a TIFF of 40,000 by 40,000"] = () => Tiff(40_000, 40_000),
    };

    private static byte[] Png(int width, int height, byte depth, byte color, int rows, params byte[][] extra)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (depth, color);
        var row = 1 + (((long)Math.Min(width, 60_000) * depth * (color == 2 ? 3 : 1)) + 7) / 8;
        return
        [
            0x89, .. "PNG\r\n\x1a\n"u8, .. Chunk("IHDR", header), .. extra.SelectMany(one => one),
            .. Chunk("IDAT", Deflated(new byte[row * Math.Min(rows, height)])), .. Chunk("IEND", []),
        ];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] checkedPart = [.. Encoding.ASCII.GetBytes(type), .. data];
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        checkedPart.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32(checkedPart));
        return chunk;
    }

    // PNG specification, annex D.
    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var one in data)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return ~crc;
    }

    private static byte[] Deflated(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(data);
        return packed.ToArray();
    }

    // The screen alone is not believed by everybody, so that of one frame is as large.
    private static byte[] Gif(int width, int height, int frames, bool whole = false)
    {
        var screen = new byte[] { 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255 };
        BinaryPrimitives.WriteUInt16LittleEndian(screen, (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(screen.AsSpan(2), (ushort)height);
        byte[] frame = [0x21, 0xF9, 4, 0, 1, 0, 0, 0, 0x2C, 0, 0, 0, 0, .. whole ? screen[..4] : [1, 0, 1, 0], 0, 2, 2, 0x44, 0x01, 0];
        return [.. "GIF89a"u8, .. screen, .. Enumerable.Repeat(frame, frames).SelectMany(one => one), 0x3B];
    }

    private static byte[] Bmp(int width, int height, short bits)
    {
        var file = new byte[54 + 64];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        file[26] = 1;
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(28), bits);
        return file;
    }

    private static byte[] Resized(byte[] jpeg, ushort width, ushort height)
    {
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), height);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), width);
        return jpeg;
    }

    private static byte[] WebP(int widthLessOne, int heightLessOne)
    {
        byte[] extended = [0, 0, 0, 0, .. Three(widthLessOne), .. Three(heightLessOne)];
        byte[] body = [.. "WEBP"u8, .. "VP8X"u8, 10, 0, 0, 0, .. extended, .. "VP8L"u8, 5, 0, 0, 0, 0x2F, 0xFF, 0xFF, 0xFF, 0x0F, 0];
        return [.. "RIFF"u8, (byte)body.Length, 0, 0, 0, .. body];
    }

    private static byte[] Three(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];

    private static byte[] Tiff(uint width, uint height)
    {
        (ushort Tag, ushort Type, uint Value)[] fields =
        [
            (256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, 64),
        ];
        var file = new byte[8 + 64 + 2 + (fields.Length * 12) + 4];
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), 72);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(72), (ushort)fields.Length);
        for (var field = 0; field < fields.Length; field++)
        {
            var at = file.AsSpan(74 + (field * 12));
            BinaryPrimitives.WriteUInt16LittleEndian(at, fields[field].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], fields[field].Type);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], 1);
            BinaryPrimitives.WriteUInt32LittleEndian(at[8..], fields[field].Value);
        }

        return file;
    }
}
