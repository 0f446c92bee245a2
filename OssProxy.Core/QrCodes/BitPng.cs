using System.Buffers.Binary;
using System.IO.Compression;

namespace OssProxy.Core.QrCodes;

/// <summary>Writes square pictures of black and white as PNG (ISO/IEC 15948): one bit per pixel, so that a code of 2000 pixels is some ten
/// kilobytes and costs half a megabyte to make.</summary>
internal static class BitPng
{
    private const int HeaderBytes = 13;
    private static readonly uint[] Table = MakeTable();

    /// <param name="isBlack">Asked for column and row of each pixel.</param>
    public static byte[] Write(int side, Func<int, int, bool> isBlack)
    {
        using var png = new MemoryStream();
        png.Write([0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n']);

        // Size, bit depth 1, greyscale; compression, filter and interlace have one value each.
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), side);
        header[8] = 1;
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "IDAT"u8, Rows(side, isBlack));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static ReadOnlySpan<byte> Rows(int side, Func<int, int, bool> isBlack)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            // In front of each row stands its filter: none.
            var row = new byte[1 + ((side + 7) / 8)];
            for (var y = 0; y < side; y++)
            {
                row.AsSpan(1).Fill(0xFF);
                for (var x = 0; x < side; x++)
                {
                    if (isBlack(x, y))
                        row[1 + (x / 8)] &= (byte)~(0x80 >> (x % 8));
                }

                zlib.Write(row);
            }
        }

        return packed.ToArray();
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(type);
        png.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), content));
        png.Write(number);
    }

    // Annex D.
    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
            crc = Table[(crc ^ one) & 0xFF] ^ (crc >> 8);
        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var n = 0u; n < table.Length; n++)
        {
            var value = n;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            table[n] = value;
        }

        return table;
    }
}
