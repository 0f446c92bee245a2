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
        PlainFile.Is(SourceKind.WebP, Riff(Chunk("ANMF"u8, hiding))).Should().BeFalse();
    }

    [Fact]
    public void An_AVIF_with_any_other_box_and_every_TIFF_and_HEIC_is_not()
    {
        PlainFile.Is(SourceKind.Avif, [.. Avif, 0, 0, 0, 8, .. "uuid"u8]).Should().BeFalse();
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
        (SourceKind.Avif, Avif),
    ];

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
