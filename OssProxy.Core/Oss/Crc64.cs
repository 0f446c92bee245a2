namespace OssProxy.Core.Oss;

/// <summary>
/// CRC-64/XZ, the checksum OSS reports as <c>x-oss-hash-crc64ecma</c> (there in unsigned decimal): polynomial 0x42F0E1EBA9EA3693,
/// reflected, start and final value all ones; the check value of "123456789" is 0x995DC9BBDF1939FA and that of no bytes is 0. What every
/// upload pays for it per GiB stands in docs/performance.md. .NET's own <c>System.IO.Hashing.Crc64</c> is the unreflected variant and does
/// not fit.
/// </summary>
public sealed class Crc64
{
    internal const ulong Polynomial = 0xC96C5795D7870F42;

    private static readonly ulong[] PowersOfX = MakePowers();

    private ulong _state = ulong.MaxValue;

    /// <summary>The checksum of everything appended so far.</summary>
    public ulong Value => ~_state;

    /// <summary>The checksum of one piece.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes) => ~Crc64Folding.Update(ulong.MaxValue, bytes);

    /// <summary>The checksum of A followed by B, from the checksum of each and the length of B in bytes (not negative).</summary>
    public static ulong Combine(ulong crcOfA, ulong crcOfB, long lengthOfB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthOfB);

        // Appending n zero bytes to A multiplies its remainder by x^(8n).
        return Multiply(XToThe(8 * (UInt128)lengthOfB), crcOfA) ^ crcOfB;
    }

    /// <summary>Adds the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _state = Crc64Folding.Update(_state, bytes);

    /// <summary>x^exponent modulo the polynomial, bits reflected: the highest bit is x^0. The exponent is below 2^67.</summary>
    internal static ulong XToThe(UInt128 exponent)
    {
        // Put together from the precomputed x^(2^k).
        var product = 1UL << 63;
        for (var k = 0; exponent != 0; exponent >>= 1, k++)
        {
            if (!UInt128.IsEvenInteger(exponent))
                product = Multiply(PowersOfX[k], product);
        }

        return product;
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
