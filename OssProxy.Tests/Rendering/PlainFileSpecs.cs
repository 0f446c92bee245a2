using System.Buffers.Binary;
using OssProxy.Core.Rendering;

namespace OssProxy.Tests.Rendering;

/// <summary>Which files are pictures and nothing else, so that they may be given as they came.</summary>
public sealed class PlainFileSpecs
{
    private static readonly byte[] Start = [0xFF, 0xD8];
    private static readonly byte[] Jfif = [0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0];

    // A table, a frame behind a filled marker, a scan with a stuffed byte and a restart, the end.
    private static readonly byte[] Picture =
    [
        0xFF, 0xDB, 0, 3, 1, 0xFF, 0xFF, 0xC0, 0, 3, 1, 0xFF, 0xDA, 0, 3, 1, 0x12, 0xFF, 0, 0x34, 0xFF, 0xD0, 0x56, 0xFF, 0xD9,
    ];

    private static readonly byte[] Jpeg = [.. Start, .. Jfif, .. Picture];
    private static readonly byte[] Png = TestPictures.Png(TestPictures.Quarters(20, 10));
    private static readonly byte[] Gif = TestPictures.Gif(20, 10, 5, [1, 1, 1], [2, 2, 2]);
    private static readonly byte[] Bmp = TestPictures.Bmp(TestPictures.Quarters(21, 10));
    private static readonly byte[] Frame = [.. new byte[16], .. Chunk("ALPH"u8, 3), .. Chunk("VP8 "u8, 4)];
    private static readonly byte[] WebP = Riff([.. Chunk("VP8X"u8, 10), .. Chunk("ANIM"u8, 6), .. Chunk("ANMF"u8, Frame)]);
    private static readonly byte[] Avif = EngineProbes.Avif.ToArray();

    [Fact]
    public void What_is_only_a_picture_is_plain()
    {
        foreach (var (kind, file) in All())
            PlainFile.Is(kind, file).Should().BeTrue(kind.ToString());
        PlainFile.Is(SourceKind.Bmp, TestPictures.Bmp(TestPictures.Quarters(21, 10, bands: 4))).Should().BeTrue();
        PlainFile.Is(SourceKind.WebP, Riff(Chunk("VP8L"u8, 7))).Should().BeTrue();
        PlainFile.Is(SourceKind.Jpeg, [.. Start, 0xFF, 0xE2, 0, 15, .. "ICC_PROFILE\0"u8, 9, .. Picture]).Should().BeTrue();
    }

    [Fact]
    public void What_stands_behind_the_end_or_is_cut_off_is_not()
    {
        foreach (var (kind, file) in All())
        {
            PlainFile.Is(kind, [.. file, 1, 2, 3, 4]).Should().BeFalse(kind.ToString());
            PlainFile.Is(kind, file.AsSpan(0, file.Length - 1)).Should().BeFalse(kind.ToString());
        }

        PlainFile.Is(SourceKind.Jpeg, [.. Jpeg, .. Jpeg]).Should().BeFalse("a second picture, as phones append them");
    }

    [Theory]
    [InlineData("FFE100080000000000000000")] // EXIF or XMP
    [InlineData("FFFE000341")] // a comment
    [InlineData("FFEB00044A50")] // JUMBF
    [InlineData("FFE200064D504600")] // MPF: where a second picture stands
    [InlineData("FFE000074A46585800")] // JFXX: a miniature
    [InlineData("FFE000124A464946000101000001000101010203")] // JFIF with one
    public void A_JPEG_with_any_other_segment_is_not(string segment) =>
        PlainFile.Is(SourceKind.Jpeg, [.. Start, .. Convert.FromHexString(segment), .. Picture]).Should().BeFalse();

    [Theory]
    [InlineData("tEXt")]
    [InlineData("iTXt")]
    [InlineData("eXIf")]
    [InlineData("tIME")]
    [InlineData("caBX")]
    public void A_PNG_with_any_other_chunk_is_not(string type)
    {
        const int behindHeader = 8 + 25;
        byte[] chunk = [0, 0, 0, 1, .. type.Select(letter => (byte)letter), 7, 0, 0, 0, 0];

        PlainFile.Is(SourceKind.Png, [.. Png[..behindHeader], .. chunk, .. Png[behindHeader..]]).Should().BeFalse();
    }

    [Theory]
    [InlineData("gAMA", 4)]
    [InlineData("cHRM", 32)]
    [InlineData("sRGB", 1)]
    [InlineData("sBIT", 4)]
    [InlineData("bKGD", 6)]
    [InlineData("pHYs", 9)]
    [InlineData("hIST", 512)]
    [InlineData("tRNS", 256)]
    [InlineData("cICP", 4)]
    [InlineData("mDCV", 24)]
    [InlineData("cLLI", 8)]
    [InlineData("PLTE", 768)]
    [InlineData("acTL", 8)]
    public void What_a_PNG_says_of_its_picture_stands_before_it_once_and_no_longer_than_it_may_be(string type, int most)
    {
        const int behindHeader = 8 + 25;
        byte[] head = Png[..behindHeader], picture = Png[behindHeader..^12], end = Png[^12..];
        var chunk = PngChunk(type, most);

        PlainFile.Is(SourceKind.Png, [.. head, .. chunk, .. picture, .. end]).Should().BeTrue();
        PlainFile.Is(SourceKind.Png, [.. head, .. PngChunk(type, most + 1), .. picture, .. end]).Should().BeFalse();
        PlainFile.Is(SourceKind.Png, [.. head, .. chunk, .. chunk, .. picture, .. end]).Should().BeFalse();
        PlainFile.Is(SourceKind.Png, [.. head, .. picture, .. chunk, .. end]).Should().BeFalse();
    }

    [Fact]
    public void A_PNG_has_further_frames_where_it_is_animated_and_only_there()
    {
        const int behindHeader = 8 + 25;
        byte[] head = Png[..behindHeader], picture = Png[behindHeader..^12], end = Png[^12..];
        byte[] frame = [.. PngChunk("fcTL", 26), .. PngChunk("fdAT", 99)];

        PlainFile.Is(SourceKind.Png, [.. head, .. PngChunk("acTL", 8), .. PngChunk("fcTL", 26), .. picture, .. frame, .. frame, .. end]).Should().BeTrue();
        PlainFile.Is(SourceKind.Png, [.. head, .. picture, .. frame, .. end]).Should().BeFalse();
        PlainFile.Is(SourceKind.Png, [.. head, .. picture, .. PngChunk("fdAT", 99), .. end]).Should().BeFalse();
        PlainFile.Is(SourceKind.Png, [.. head, .. PngChunk("acTL", 8), .. PngChunk("fcTL", 27), .. picture, .. end]).Should().BeFalse();
    }

    [Theory]
    [InlineData("21FE014100")] // a comment
    [InlineData("21FF0B584D502044617461584D500301020300")] // XMP
    [InlineData("2101000100")] // a text
    public void A_GIF_with_any_other_extension_is_not(string extension)
    {
        const int behindTable = 13 + 768;
        byte[] file = [.. Gif[..behindTable], .. Convert.FromHexString(extension), .. Gif[behindTable..]];

        PlainFile.Is(SourceKind.Gif, file).Should().BeFalse();
    }

    [Fact]
    public void A_WebP_with_any_other_chunk_is_not()
    {
        byte[] picture = Chunk("VP8 "u8, 4);
        byte[] hiding = [.. Frame, .. Chunk("EXIF"u8, 2)];

        PlainFile.Is(SourceKind.WebP, Riff([.. picture, .. Chunk("EXIF"u8, 3)])).Should().BeFalse();
        PlainFile.Is(SourceKind.WebP, Riff([.. picture, .. Chunk("XMP "u8, 3)])).Should().BeFalse();
        PlainFile.Is(SourceKind.WebP, Riff([.. picture, .. Chunk("note"u8, 3)])).Should().BeFalse();
        PlainFile.Is(SourceKind.WebP, Riff([.. Chunk("VP8X"u8, 10), .. Chunk("ANMF"u8, hiding)])).Should().BeFalse();
    }

    [Fact]
    public void A_WebP_says_nothing_twice_and_without_its_long_header_one_thing_only()
    {
        byte[] header = Chunk("VP8X"u8, 10), picture = Chunk("VP8 "u8, 4), alpha = Chunk("ALPH"u8, 3), profile = Chunk("ICCP"u8, 3);
        byte[] twoInOne = [.. Frame, .. Chunk("VP8L"u8, 4)];

        PlainFile.Is(SourceKind.WebP, Riff([.. header, .. profile, .. alpha, .. picture])).Should().BeTrue();
        PlainFile.Is(SourceKind.WebP, Riff([.. header, .. Chunk("ANIM"u8, 6), .. Chunk("ANMF"u8, Frame), .. Chunk("ANMF"u8, Frame)])).Should().BeTrue();
        PlainFile.Is(SourceKind.WebP, Riff([.. profile, .. picture])).Should().BeFalse();
        PlainFile.Is(SourceKind.WebP, Riff([.. picture, .. picture])).Should().BeFalse();
        PlainFile.Is(SourceKind.WebP, Riff([.. header, .. profile, .. profile, .. picture])).Should().BeFalse();
        PlainFile.Is(SourceKind.WebP, Riff([.. header, .. alpha, .. alpha, .. picture])).Should().BeFalse();
        PlainFile.Is(SourceKind.WebP, Riff([.. header, .. picture, .. Chunk("VP8L"u8, 4)])).Should().BeFalse();
        PlainFile.Is(SourceKind.WebP, Riff([.. header, .. Chunk("ANMF"u8, twoInOne)])).Should().BeFalse();
    }

    [Fact]
    public void A_JPEG_has_one_frame_and_ends_behind_a_scan()
    {
        byte[] table = [0xFF, 0xDB, 0, 3, 1], frame = [0xFF, 0xC0, 0, 3, 1], scan = [0xFF, 0xDA, 0, 3, 1, 0x12, 0x34], end = [0xFF, 0xD9];

        PlainFile.Is(SourceKind.Jpeg, [.. Start, .. table, .. frame, .. scan, .. table, .. scan, .. end]).Should().BeTrue();
        PlainFile.Is(SourceKind.Jpeg, [.. Start, .. frame, 0xFF, 0xDD, 0, 4, 0, 8, .. scan, .. end]).Should().BeTrue();
        PlainFile.Is(SourceKind.Jpeg, [.. Start, .. frame, .. scan, .. table, .. end]).Should().BeFalse("nobody needs the table");
        PlainFile.Is(SourceKind.Jpeg, [.. Start, .. frame, .. frame, .. scan, .. end]).Should().BeFalse();
        PlainFile.Is(SourceKind.Jpeg, [.. Start, .. table, .. scan, .. end]).Should().BeFalse();
        PlainFile.Is(SourceKind.Jpeg, [.. Start, .. frame, .. scan, 0xFF, 0xDC, 0, 4, 0, 8, .. scan, .. end]).Should().BeFalse();
        PlainFile.Is(SourceKind.Jpeg, [.. Start, .. frame, 0xFF, 0xDD, 0, 5, 0, 8, 7, .. scan, .. end]).Should().BeFalse();
    }

    [Fact]
    public void No_AVIF_TIFF_or_HEIC_is()
    {
        PlainFile.Is(SourceKind.Avif, Avif).Should().BeFalse("what it tells of itself lies among its pictures");
        PlainFile.Is(SourceKind.Tiff, "II*\0"u8).Should().BeFalse();
        PlainFile.Is(SourceKind.Heic, Avif).Should().BeFalse();
    }

    [Fact]
    public void Whatever_is_changed_in_a_file_it_is_plain_or_not()
    {
        var random = new Random(11);
        foreach (var (kind, file) in All())
        {
            for (var round = 0; round < 2000; round++)
            {
                var bytes = file[..random.Next(file.Length + 1)];
                for (var changes = random.Next(4); changes > 0 && bytes.Length > 0; changes--)
                    bytes[random.Next(Math.Min(bytes.Length, 100))] = (byte)random.Next(256);
                foreach (var one in Enum.GetValues<SourceKind>())
                    PlainFile.Is(one == SourceKind.Tiff ? kind : one, bytes);
            }
        }
    }

    [Fact]
    public void What_hides_something_is_written_anew()
    {
        byte[] hiding = [.. Png, .. "where I live"u8];

        TestEngine.Render(Png, "image/resize,w_9999").Unchanged.Should().BeTrue();
        TestEngine.Render(hiding, "image/resize,w_9999").Should().Match<RenderResult>(result => !result.Unchanged && result.Width == 20);
    }

    private static IEnumerable<(SourceKind Kind, byte[] File)> All() =>
    [
        (SourceKind.Jpeg, Jpeg), (SourceKind.Png, Png), (SourceKind.Gif, Gif), (SourceKind.Bmp, Bmp), (SourceKind.WebP, WebP),
    ];

    private static byte[] PngChunk(string type, int length) =>
        [0, 0, (byte)(length >> 8), (byte)length, .. type.Select(letter => (byte)letter), .. new byte[length + 4]];

    private static byte[] Riff(byte[] chunks)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, chunks.Length + 4);
        return [.. "RIFF"u8, .. length, .. "WEBP"u8, .. chunks];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> name, int length) => Chunk(name, new byte[length]);

    private static byte[] Chunk(ReadOnlySpan<byte> name, byte[] content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, content.Length);
        return [.. name, .. length, .. content, .. new byte[content.Length & 1]];
    }
}
