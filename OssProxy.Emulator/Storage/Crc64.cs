using System.Buffers.Binary;

namespace OssProxy.Emulator.Storage;

/// <summary>
/// CRC-64/XZ, the value of <c>x-oss-hash-crc64ecma</c>: reflected, init and xorout all ones. Eight bytes per step
/// with eight tables; System.IO.Hashing.Crc64 is another polynomial direction and does not fit.
/// </summary>
internal struct Crc64
{
    private const ulong Polynomial = 0xC96C5795D7870F42;
    private static readonly ulong[][] Tables = BuildTables();

    private ulong _inverted;

    public readonly ulong Value => _inverted;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var crc = ~_inverted;
        while (bytes.Length >= 8)
        {
            crc ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            crc = Tables[7][(byte)crc] ^ Tables[6][(byte)(crc >> 8)] ^ Tables[5][(byte)(crc >> 16)] ^ Tables[4][(byte)(crc >> 24)]
                ^ Tables[3][(byte)(crc >> 32)] ^ Tables[2][(byte)(crc >> 40)] ^ Tables[1][(byte)(crc >> 48)] ^ Tables[0][crc >> 56];
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
            crc = Tables[0][(byte)crc ^ b] ^ (crc >> 8);

        _inverted = ~crc;
    }

    /// <summary>The checksum of A followed by B, from those of A and B and the length of B in bytes.</summary>
    public static ulong Combine(ulong first, ulong second, long secondLength)
    {
        // Appending B to A multiplies the register by x^(8·|B|): square the one-bit shift operator log2 times (as zlib's crc32_combine).
        Span<ulong> odd = stackalloc ulong[64];
        Span<ulong> even = stackalloc ulong[64];
        odd[0] = Polynomial;
        for (var bit = 1; bit < 64; bit++)
            odd[bit] = 1UL << (bit - 1);

        Square(even, odd); // two bits
        Square(odd, even); // four bits
        for (var length = secondLength; length != 0; length >>= 1)
        {
            Square(even, odd);
            if ((length & 1) != 0)
                first = Times(even, first);

            var swap = odd;
            odd = even;
            even = swap;
        }

        return first ^ second;
    }

    private static void Square(Span<ulong> result, ReadOnlySpan<ulong> matrix)
    {
        for (var row = 0; row < 64; row++)
            result[row] = Times(matrix, matrix[row]);
    }

    private static ulong Times(ReadOnlySpan<ulong> matrix, ulong vector)
    {
        var sum = 0UL;
        for (var row = 0; vector != 0; row++, vector >>= 1)
        {
            if ((vector & 1) != 0)
                sum ^= matrix[row];
        }

        return sum;
    }

    private static ulong[][] BuildTables()
    {
        var tables = new ulong[8][];
        for (var t = 0; t < 8; t++)
        {
            tables[t] = new ulong[256];
            for (var i = 0; i < 256; i++)
            {
                var crc = t == 0 ? (ulong)i : tables[t - 1][i];
                for (var bit = 0; bit < 8; bit++)
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;

                tables[t][i] = crc;
            }
        }

        return tables;
    }
}
