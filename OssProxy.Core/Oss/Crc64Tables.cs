using System.Buffers.Binary;

namespace OssProxy.Core.Oss;

/// <summary>CRC-64/XZ by sixteen tables of 256 entries (32 KiB, made once), sixteen bytes a step: for short pieces, the ends of long ones, and
/// processors that cannot multiply without carries.</summary>
internal static class Crc64Tables
{
    private const int Slices = 16;

    private static readonly ulong[] Table = MakeTable();

    public static ulong Update(ulong state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= Slices)
        {
            state = Step(BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ state, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            bytes = bytes[Slices..];
        }

        var table = Table.AsSpan();
        foreach (var b in bytes)
            state = table[(byte)(state ^ b)] ^ (state >> 8);

        return state;
    }

    /// <summary>The state after sixteen bytes, the state before being added to the first eight.</summary>
    public static ulong Step(ulong low, ulong high)
    {
        var table = Table.AsSpan();
        return table[(15 * 256) + (byte)low]
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
    }

    private static ulong[] MakeTable()
    {
        var table = new ulong[Slices * 256];
        for (var n = 0; n < 256; n++)
        {
            var value = (ulong)n;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? (value >> 1) ^ Crc64.Polynomial : value >> 1;

            table[n] = value;
        }

        for (var n = 256; n < table.Length; n++)
            table[n] = table[(byte)table[n - 256]] ^ (table[n - 256] >> 8);

        return table;
    }
}
