using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace OssProxy.Core.Oss;

/// <summary>
/// CRC-64/XZ by carry-less multiplication: the way of Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
/// Instruction" (Intel, 2009), in 16-byte lanes. A lane that lies D bits before another can be added to it after a multiplication by x^D,
/// and any value that is congruent modulo the polynomial will do: so each half of the lane, 64 bits, is multiplied by a constant of 64 bits,
/// and the two products, 128 bits each, are added. Several lanes advance at once, at the end they are folded into one, and that one is
/// sixteen bytes that <see cref="Crc64Tables"/> finishes.
/// </summary>
internal static class Crc64Folding
{
    private static readonly Vector128<ulong> By128 = Multiplier(128);
    private static readonly Vector128<ulong> By512 = Multiplier(512);
    private static readonly Vector256<ulong> PairBy256 = Pair(Multiplier(256));
    private static readonly Vector256<ulong> PairBy1024 = Pair(Multiplier(1024));
    private static readonly Vector512<ulong> QuartetBy512 = Quartet(Multiplier(512));
    private static readonly Vector512<ulong> QuartetBy2048 = Quartet(Multiplier(2048));

    /// <summary>Whether the processor can do <see cref="Update128"/>.</summary>
    public static bool Has128 => Pclmulqdq.IsSupported || ArmAes.IsSupported;

    /// <summary>Whether the processor can do <see cref="Update256"/>.</summary>
    public static bool Has256 => Pclmulqdq.IsSupported && Pclmulqdq.V256.IsSupported;

    /// <summary>Whether the processor can do <see cref="Update512"/>.</summary>
    public static bool Has512 => Has256 && Pclmulqdq.V512.IsSupported;

    /// <summary>The widest way that the processor has. A piece too short for one way goes to the next narrower.</summary>
    public static ulong Update(ulong state, ReadOnlySpan<byte> bytes) => Has512 ? Update512(state, bytes)
        : Has256 ? Update256(state, bytes)
        : Has128 ? Update128(state, bytes)
        : Crc64Tables.Update(state, bytes);

    public static ulong Update128(ulong state, ReadOnlySpan<byte> bytes)
    {
        var lanes = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        if (lanes.Length < 4)
            return Crc64Tables.Update(state, bytes);

        var (a, b, c, d) = (lanes[0] ^ Vector128.CreateScalar(state), lanes[1], lanes[2], lanes[3]);
        var next = 4;
        for (; next <= lanes.Length - 4; next += 4)
        {
            a = Fold(a, By512) ^ lanes[next];
            b = Fold(b, By512) ^ lanes[next + 1];
            c = Fold(c, By512) ^ lanes[next + 2];
            d = Fold(d, By512) ^ lanes[next + 3];
        }

        a = Fold(Fold(Fold(a, By128) ^ b, By128) ^ c, By128) ^ d;
        return Finish(a, bytes[(next * 16)..]);
    }

    public static ulong Update256(ulong state, ReadOnlySpan<byte> bytes)
    {
        var lanes = MemoryMarshal.Cast<byte, Vector256<ulong>>(bytes);
        if (lanes.Length < 4)
            return Update128(state, bytes);

        var (a, b, c, d) = (lanes[0] ^ Vector256.CreateScalar(state), lanes[1], lanes[2], lanes[3]);
        var next = 4;
        for (; next <= lanes.Length - 4; next += 4)
        {
            a = Fold(a, PairBy1024) ^ lanes[next];
            b = Fold(b, PairBy1024) ^ lanes[next + 1];
            c = Fold(c, PairBy1024) ^ lanes[next + 2];
            d = Fold(d, PairBy1024) ^ lanes[next + 3];
        }

        a = Fold(Fold(Fold(a, PairBy256) ^ b, PairBy256) ^ c, PairBy256) ^ d;
        return Finish(Fold(a.GetLower(), By128) ^ a.GetUpper(), bytes[(next * 32)..]);
    }

    public static ulong Update512(ulong state, ReadOnlySpan<byte> bytes)
    {
        var lanes = MemoryMarshal.Cast<byte, Vector512<ulong>>(bytes);
        if (lanes.Length < 4)
            return Update256(state, bytes);

        var (a, b, c, d) = (lanes[0] ^ Vector512.CreateScalar(state), lanes[1], lanes[2], lanes[3]);
        var next = 4;
        for (; next <= lanes.Length - 4; next += 4)
        {
            a = Fold(a, QuartetBy2048) ^ lanes[next];
            b = Fold(b, QuartetBy2048) ^ lanes[next + 1];
            c = Fold(c, QuartetBy2048) ^ lanes[next + 2];
            d = Fold(d, QuartetBy2048) ^ lanes[next + 3];
        }

        a = Fold(Fold(Fold(a, QuartetBy512) ^ b, QuartetBy512) ^ c, QuartetBy512) ^ d;
        var (low, high) = (a.GetLower(), a.GetUpper());
        var one = Fold(Fold(Fold(low.GetLower(), By128) ^ low.GetUpper(), By128) ^ high.GetLower(), By128) ^ high.GetUpper();
        return Finish(one, bytes[(next * 64)..]);
    }

    private static ulong Finish(Vector128<ulong> lane, ReadOnlySpan<byte> rest)
    {
        foreach (var next in MemoryMarshal.Cast<byte, Vector128<ulong>>(rest))
            lane = Fold(lane, By128) ^ next;

        return Crc64Tables.Update(Crc64Tables.Step(lane[0], lane[1]), rest[(rest.Length & ~15)..]);
    }

    private static Vector128<ulong> Fold(Vector128<ulong> lane, Vector128<ulong> by) => Pclmulqdq.IsSupported
        ? Pclmulqdq.CarrylessMultiply(lane, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, by, 0x11)
        : ArmAes.PolynomialMultiplyWideningLower(lane.GetLower(), by.GetLower()) ^ ArmAes.PolynomialMultiplyWideningUpper(lane, by);

    private static Vector256<ulong> Fold(Vector256<ulong> lanes, Vector256<ulong> by) =>
        Pclmulqdq.V256.CarrylessMultiply(lanes, by, 0x00) ^ Pclmulqdq.V256.CarrylessMultiply(lanes, by, 0x11);

    private static Vector512<ulong> Fold(Vector512<ulong> lanes, Vector512<ulong> by) =>
        Pclmulqdq.V512.CarrylessMultiply(lanes, by, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(lanes, by, 0x11);

    // The first eight bytes of a lane are its higher half. The product of two reflected numbers of 64 bits comes out one place too low
    // for 128 bits, which multiplies by x: hence one less in each exponent.
    private static Vector128<ulong> Multiplier(int bits) =>
        Vector128.Create(Crc64.XToThe((UInt128)bits + 63), Crc64.XToThe((UInt128)bits - 1));

    private static Vector256<ulong> Pair(Vector128<ulong> by) => Vector256.Create(by, by);

    private static Vector512<ulong> Quartet(Vector128<ulong> by) => Vector512.Create(Pair(by), Pair(by));
}
