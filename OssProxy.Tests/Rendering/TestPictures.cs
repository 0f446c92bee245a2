using System.Buffers.Binary;
using System.IO.Compression;
using OssProxy.Core.Rendering.Bmp;

namespace OssProxy.Tests.Rendering;

/// <summary>Pictures made here, by no code of the engine's library: what it makes of them can be judged.</summary>
internal static class TestPictures
{
    /// <summary>Four quarters: red, green above blue, white.</summary>
    public static BmpPicture Quarters(int width, int height, int bands = 3)
    {
        var pixels = new byte[width * height * bands];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                byte[] colour = (x * 2 < width, y * 2 < height) switch
                {
                    (true, true) => [255, 0, 0, 255],
                    (false, true) => [0, 255, 0, 255],
                    (true, false) => [0, 0, 255, 255],
                    _ => [255, 255, 255, 255],
                };
                colour.AsSpan(0, bands).CopyTo(pixels.AsSpan(((y * width) + x) * bands));
            }
        }

        return new BmpPicture(width, height, bands, pixels);
    }

    public static BmpPicture Flat(int width, int height, params byte[] colour) => new(
        width, height, colour.Length, [.. Enumerable.Repeat(colour, width * height).SelectMany(bytes => bytes)]);

    public static byte[] Bmp(BmpPicture picture) => BmpWriter.Write(picture);

    /// <summary>A PNG of 8 or 16 bits a sample.</summary>
    public static byte[] Png(BmpPicture picture, int bits = 8)
    {
        using var rows = new MemoryStream();
        using (var packed = new ZLibStream(rows, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < picture.Height; y++)
            {
                packed.WriteByte(0);
                foreach (var sample in picture.Pixels.AsSpan(y * picture.Width * picture.Bands, picture.Width * picture.Bands))
                {
                    packed.WriteByte(sample);
                    if (bits == 16)
                        packed.WriteByte(sample);
                }
            }
        }

        var colorType = picture.Bands switch { 1 => 0, 3 => 2, _ => 6 };
        return Png(picture.Width, picture.Height, bits, colorType, rows.ToArray());
    }

    /// <summary>A PNG that says what it likes.</summary>
    public static byte[] Png(int width, int height, int bits, int colorType, byte[] packedRows)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)bits;
        header[9] = (byte)colorType;
        return [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", packedRows), .. Chunk("IEND", [])];
    }

    /// <summary>A GIF of flat frames, each shown for the given hundredths of a second, without compression to speak of.</summary>
    public static byte[] Gif(int width, int height, int delay, params byte[][] colours)
    {
        using var file = new MemoryStream();
        file.Write("GIF89a"u8);
        file.Write([(byte)width, 0, (byte)height, 0, 0x87, 0, 0]); // a table of 256 colours
        for (var entry = 0; entry < 256; entry++)
            file.Write(entry < colours.Length ? colours[entry] : [0, 0, 0]);
        file.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0]);
        for (var frame = 0; frame < colours.Length; frame++)
        {
            file.Write([0x21, 0xF9, 4, 0, (byte)delay, 0, 0, 0, 0x2C, 0, 0, 0, 0, (byte)width, 0, (byte)height, 0, 0, 8]);
            WriteCodes(file, Enumerable.Repeat(frame, width * height));
            file.WriteByte(0);
        }

        file.WriteByte(0x3B);
        return file.ToArray();
    }

    /// <summary>Puts EXIF into a JPEG.</summary>
    public static byte[] WithExif(byte[] jpeg, byte[] tiff)
    {
        var length = 2 + 6 + tiff.Length;
        return [.. jpeg[..2], 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. "Exif\0\0"u8, .. tiff, .. jpeg[2..]];
    }

    /// <summary>EXIF with an orientation, the maker of a camera, and a place.</summary>
    public static byte[] Exif(int orientation)
    {
        byte[] table =
        [
            .. "MM\0*"u8, 0, 0, 0, 8, 0, 3,
            .. Entry(0x010F, 2, 4, 0x41424300), .. Entry(0x0112, 3, 1, (uint)orientation << 16), .. Entry(0x8825, 4, 1, 50), 0, 0, 0, 0,
        ];
        table.Should().HaveCount(50);
        return
        [
            .. table, 0, 2, .. Entry(1, 2, 2, 0x4E000000), .. Entry(2, 5, 3, 80), 0, 0, 0, 0,
            0, 0, 0, 31, 0, 0, 0, 1, 0, 0, 0, 13, 0, 0, 0, 1, 0, 0, 0xC3, 0x50, 0, 0, 0x03, 0xE8,
        ];
    }

    public static byte[] Entry(ushort tag, ushort type, uint count, uint value)
    {
        var entry = new byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(entry, tag);
        BinaryPrimitives.WriteUInt16BigEndian(entry.AsSpan(2), type);
        BinaryPrimitives.WriteUInt32BigEndian(entry.AsSpan(4), count);
        BinaryPrimitives.WriteUInt32BigEndian(entry.AsSpan(8), value);
        return entry;
    }

    private static byte[] Chunk(string type, byte[] content)
    {
        byte[] body = [.. type.Select(letter => (byte)letter), .. content];
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        var sum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(sum, Crc(body));
        return [.. length, .. body, .. sum];
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
                sum = (sum >> 1) ^ ((sum & 1) * 0xEDB88320u);
        }

        return ~sum;
    }

    /// <summary>Nine bits a code; the table is cleared before it would need ten.</summary>
    private static void WriteCodes(MemoryStream file, IEnumerable<int> indices)
    {
        var bits = new List<bool>();
        void Put(int code)
        {
            for (var bit = 0; bit < 9; bit++)
                bits.Add(((code >> bit) & 1) != 0);
        }

        var count = 0;
        foreach (var index in indices)
        {
            if (count++ % 200 == 0)
                Put(256);
            Put(index);
        }

        Put(257);
        var bytes = new byte[(bits.Count + 7) / 8];
        for (var bit = 0; bit < bits.Count; bit++)
            bytes[bit / 8] |= (byte)(bits[bit] ? 1 << (bit % 8) : 0);
        foreach (var block in bytes.Chunk(255))
            file.Write([(byte)block.Length, .. block]);
    }
}
