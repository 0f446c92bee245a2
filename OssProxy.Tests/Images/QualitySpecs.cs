using OssProxy.Core.Images;

namespace OssProxy.Tests.Images;

public sealed class QualitySpecs
{
    // What libjpeg writes at quality 80, by rows.
    private static readonly byte[] Eighty =
    [
        6, 4, 4, 6, 10, 16, 20, 24, 5, 5, 6, 8, 10, 23, 24, 22, 6, 5, 6, 10, 16, 23, 28, 22, 6, 7, 9, 12, 20, 35, 32, 25,
        7, 9, 15, 22, 27, 44, 41, 31, 10, 14, 22, 26, 32, 42, 45, 37, 20, 26, 31, 35, 41, 48, 48, 40, 29, 37, 38, 39, 45, 40, 41, 40,
    ];

    private static readonly byte[] Ones = [.. Enumerable.Repeat((byte)1, 64)];

    [Fact]
    public void The_quality_of_a_JPEG_is_read_from_its_luminance_table()
    {
        JpegQuality.Estimate([0xFF, 0xD8, .. Segment(0xDB, [0, .. Eighty])]).Should().Be(80);
        JpegQuality.Estimate([0xFF, 0xD8, .. Segment(0xDB, [0, .. Ones])]).Should().Be(100);
        JpegQuality.Estimate([0xFF, 0xD8, .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)255, 64)])]).Should().Be(1);
    }

    [Fact]
    public void The_table_is_found_behind_whatever_may_stand_before_it() =>
        JpegQuality.Estimate([
            0xFF, 0xD8, 0xFF, 0x01, .. Segment(0xE1, new byte[3000]), 0xFF, 0xFF, .. Segment(0xDB, [1, .. Ones]),
            .. Segment(0xDB, [0x11, .. Ones, .. Ones, 0, .. Eighty, 1, .. Ones]), 0xFF, 0xDA,
        ]).Should().Be(80);

    [Fact]
    public void What_has_no_such_table_has_no_quality()
    {
        byte[] table = Segment(0xDB, [0, .. Eighty]);
        byte[][] others =
        [
            [], [0xFF], [0xFF, 0xD8], [0x89, 0x50, .. table], [0xFF, 0xD8, 0xFF, 0xDA, .. table], [0xFF, 0xD8, 0xFF, 0xD9, .. table],
            [0xFF, 0xD8, 0x00, .. table], [0xFF, 0xD8, 0xFF, 0xE0, 0, 0, .. table], [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, .. table],
            [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, .. table], [0xFF, 0xD8, .. Segment(0xDB, [0x10, .. Ones, .. Ones])],
            [0xFF, 0xD8, .. Segment(0xDB, [0x10, .. Eighty])], [0xFF, 0xD8, .. Segment(0xDB, Eighty)],
        ];

        foreach (var other in others)
            JpegQuality.Estimate(other).Should().BeNull(Convert.ToHexString(other.AsSpan(0, Math.Min(8, other.Length))));
        for (var length = 0; length < table.Length + 2; length++)
            JpegQuality.Estimate(((byte[])[0xFF, 0xD8, .. table]).AsSpan(0, length)).Should().BeNull($"only {length} bytes are there");
    }

    [Fact]
    public void Nonsense_is_walked_through_without_harm()
    {
        var random = new Random(7);
        var bytes = new byte[200];
        for (var round = 0; round < 2000; round++)
        {
            // Mostly markers, tables and small lengths, so that the walk goes on for a while.
            foreach (ref var b in bytes.AsSpan())
                b = random.Next(4) switch { 0 => 0xFF, 1 => 0xDB, 2 => (byte)random.Next(80), _ => (byte)random.Next(256) };
            (bytes[0], bytes[1]) = (0xFF, 0xD8);

            if (JpegQuality.Estimate(bytes) is { } quality)
                quality.Should().BeInRange(1, 100);
        }
    }

    [Theory]
    [InlineData(ImageFormat.Jpeg, "q_90", 80, 72)]
    [InlineData(ImageFormat.Jpeg, "q_80", 80, 64)]
    [InlineData(ImageFormat.Jpeg, "q_1", 10, 1)]
    [InlineData(ImageFormat.Jpeg, "q_50", 75, 38)]
    [InlineData(ImageFormat.Jpeg, "Q_90", 80, 80)]
    [InlineData(ImageFormat.Jpeg, "Q_90", 95, 90)]
    [InlineData(ImageFormat.Jpeg, "Q_90,q_10", 95, 90)]
    [InlineData(ImageFormat.Jpeg, "q_90", null, 90)]
    [InlineData(ImageFormat.Jpeg, "Q_90", null, 90)]
    [InlineData(ImageFormat.Jpeg, null, 95, 85)]
    [InlineData(ImageFormat.Jpeg, null, 70, 70)]
    [InlineData(ImageFormat.Jpeg, null, null, 85)]
    [InlineData(ImageFormat.WebP, "q_50", null, 50)]
    [InlineData(ImageFormat.WebP, "q_50", 80, 40)]
    [InlineData(ImageFormat.WebP, null, 95, 80)]
    [InlineData(ImageFormat.Avif, "Q_90", 80, 50)]
    [InlineData(ImageFormat.Heic, null, null, 50)]
    [InlineData(ImageFormat.Png, "q_50", 80, null)]
    [InlineData(ImageFormat.Gif, "q_50", null, null)]
    public void The_quality_of_a_result_is(ImageFormat output, string? asked, int? source, int? expected) =>
        OutputQuality.Of(asked is null ? null : ProcessString.Parse("image/quality," + asked).Image!.Quality, output, source)
            .Should().Be(expected);

    private static byte[] Segment(byte marker, byte[] content) =>
        [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];
}
