using System.Buffers.Binary;

namespace OssProxy.Core.Oss;

/// <summary>
/// CRC-64/XZ, the checksum OSS reports as <c>x-oss-hash-crc64ecma</c> (there in unsigned decimal): polynomial 0x42F0E1EBA9EA3693,
/// reflected, start and final value all ones; the check value of "123456789" is 0x995DC9BBDF1939FA and that of no bytes is 0. Sixteen
/// tables of 256 entries (32 KiB, made once), sixteen bytes a step. .NET's own <c>System.IO.Hashing.Crc64</c> is the unreflected variant
/// and does not fit.
/// </summary>
public sealed class Crc64
{
    private const ulong Polynomial = 0xC96C5795D7870F42;
    private const int Slices = 16;

    private static readonly ulong[] Table = MakeTable();
    private static readonly ulong[] PowersOfX = MakePowers();

    private ulong _state = ulong.MaxValue;

    /// <summary>The checksum of everything appended so far.</summary>
    public ulong Value => ~_state;

    /// <summary>The checksum of one piece.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes) => ~Update(ulong.MaxValue, bytes);

    /// <summary>The checksum of A followed by B, from the checksum of each and the length of B in bytes (not negative).</summary>
    public static ulong Combine(ulong crcOfA, ulong crcOfB, long lengthOfB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthOfB);

        // Appending n zero bytes to A multiplies its remainder by x^(8n): put together from the precomputed x^(2^k), beginning at 2^3.
        var factor = 1UL << 63;
        var power = 3;
        for (var rest = (ulong)lengthOfB; rest != 0; rest >>= 1, power++)
        {
            if ((rest & 1) != 0)
                factor = Multiply(PowersOfX[power], factor);
        }

        return Multiply(factor, crcOfA) ^ crcOfB;
    }

    /// <summary>Adds the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _state = Update(_state, bytes);

    private static ulong Update(ulong state, ReadOnlySpan<byte> bytes)
    {
        var table = Table.AsSpan();
        while (bytes.Length >= Slices)
        {
            var low = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ state;
            var high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
            state = table[(15 * 256) + (byte)low]
                ^ table[(14 * 256) + (byte)(low >> 8)]
                ^ table[(13 * 256) + (byte)(low >> 16)]
                ^ table[(12 * 256) + (byte)(low >> 24)]
                ^ table[(11 * 256) + (byte)(low >> 32)]
                ^ table[(10 * 256) + (byte)(low >> 40)]
                ^ table[(9 * 256) + (byte)(low >> 48)]
                ^ table[(8 * 256) + (byte)(low >> 56)]
                ^ table[(7 * 256) + (byte)high]
                ^ table[(6 * 256) + (byte)(high >> 8)]
                ^ table[(5 * 256) + (byte)(high >> 16)]
                ^ table[(4 * 256) + (byte)(high >> 24)]
                ^ table[(3 * 256) + (byte)(high >> 32)]
                ^ table[(2 * 256) + (byte)(high >> 40)]
                ^ table[256 + (byte)(high >> 48)]
                ^ table[(byte)(high >> 56)];
            bytes = bytes[Slices..];
        }

        foreach (var b in bytes)
            state = table[(byte)(state ^ b)] ^ (state >> 8);

        return state;
    }

    /// <summary>The product of two polynomials modulo the CRC's, bits reflected.</summary>
    private static ulong Multiply(ulong a, ulong b)
    {
        ulong product = 0;
        for (var bit = 1UL << 63; bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0)
                product ^= b;

            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }

        return product;
    }

    private static ulong[] MakeTable()
    {
        var table = new ulong[Slices * 256];
        for (var n = 0; n < 256; n++)
        {
            var value = (ulong)n;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;

            table[n] = value;
        }

        for (var n = 256; n < table.Length; n++)
            table[n] = table[(byte)table[n - 256]] ^ (table[n - 256] >> 8);

        return table;
    }

    private static ulong[] MakePowers()
    {
        // 2^3 for the bits of a byte, and 63 bits of a length.
        var powers = new ulong[3 + 64];
        powers[0] = 1UL << 62;
        for (var n = 1; n < powers.Length; n++)
            powers[n] = Multiply(powers[n - 1], powers[n - 1]);

        return powers;
    }
}
