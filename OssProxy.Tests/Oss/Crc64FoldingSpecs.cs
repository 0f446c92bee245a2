using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

/// <summary>Every way to compute the checksum that this processor has, beside the definition: bit by bit.</summary>
public sealed class Crc64FoldingSpecs
{
    private const ulong Polynomial = 0xC96C5795D7870F42;

    private static readonly byte[] Random = MakeBytes();

    private delegate ulong Update(ulong state, ReadOnlySpan<byte> bytes);

    public static TheoryData<string> Ways => [.. Supported.Keys];

    private static Dictionary<string, Update> Supported
    {
        get
        {
            var ways = new Dictionary<string, Update>(StringComparer.Ordinal)
            {
                ["chosen"] = Crc64Folding.Update,
                ["tables"] = Crc64Tables.Update,
            };
            if (Crc64Folding.Has128)
                ways["128"] = Crc64Folding.Update128;
            if (Crc64Folding.Has256)
                ways["256"] = Crc64Folding.Update256;
            if (Crc64Folding.Has512)
                ways["512"] = Crc64Folding.Update512;
            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_check_value_is_that_of_the_catalogues(string way)
    {
        (~Supported[way](ulong.MaxValue, "123456789"u8)).Should().Be(0x995DC9BBDF1939FA);
        (~Supported[way](ulong.MaxValue, [])).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Every_length_at_every_alignment_agrees_with_the_definition(string way)
    {
        var update = Supported[way];
        for (var start = 0; start < 64; start++)
        {
            var state = 0x0123456789ABCDEF * (ulong)start;
            var expected = state;
            for (var length = 0; length <= 1100; length++)
            {
                if (update(state, Random.AsSpan(start, length)) != expected)
                    Assert.Fail($"{length} bytes from {start}");

                expected = Define(expected, Random.AsSpan(start + length, 1));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_piece_cut_anywhere_has_the_checksum_of_the_whole(string way)
    {
        var update = Supported[way];
        var piece = Random.AsSpan(1, 1100);
        var whole = Define(ulong.MaxValue, piece);
        for (var cut = 0; cut <= piece.Length; cut++)
        {
            if (update(update(ulong.MaxValue, piece[..cut]), piece[cut..]) != whole)
                Assert.Fail($"cut at {cut}");
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Every_single_bit_counts(string way)
    {
        // One bit in zeros, with no state: what each place of each lane is multiplied by.
        var update = Supported[way];
        var piece = new byte[640];
        for (var bit = 0; bit < piece.Length * 8; bit++)
        {
            piece[bit / 8] = (byte)(1 << (bit % 8));
            if (update(0, piece) != Define(0, piece))
                Assert.Fail($"bit {bit}");

            piece[bit / 8] = 0;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Megabytes_agree_with_the_definition(string way) =>
        Supported[way](ulong.MaxValue, Random).Should().Be(Define(ulong.MaxValue, Random));

    private static ulong Define(ulong state, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            state ^= b;
            for (var bit = 0; bit < 8; bit++)
                state = (state & 1) != 0 ? (state >> 1) ^ Polynomial : state >> 1;
        }

        return state;
    }

    private static byte[] MakeBytes()
    {
        var bytes = new byte[(3 * 1024 * 1024) + 77];
        new Random(20260105).NextBytes(bytes);
        return bytes;
    }
}
