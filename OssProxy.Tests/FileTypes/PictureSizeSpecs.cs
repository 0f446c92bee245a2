using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class PictureSizeSpecs
{
    private const string Png = "8950 4E47 0D0A 1A0A 0000 000D 4948 4452";
    private const string Bmp = "424D 0000 0000 0000 0000 3600 0000";
    private const string WebP = "5249 4646 0000 0000 5745 4250";

    // "The grid": an item of two tiles, all three with a size, and a turn for display.
    private static readonly byte[] Grid =
    [
        .. Box("ftyp", "6865 6963 0000 0000 6D69 6631 6865 6963"),
        .. Box("meta", "0000 0000" + Hex(Box("pitm", "0000 0000 0003")) + Hex(Box("iprp",
            Hex(Box("ipco", Hex(Box("hvcC", "01")) + Size(512, 512) + Size(4032, 3024) + Hex(Box("irot", "01"))))
            + Hex(Box("ipma", "0000 0000 0000 0003 0001 02 81 02 0002 02 81 02 0003 02 84 03"))))),
    ];

    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(300).WithReplay(20260105, 7);

    public static TheoryData<string, int, int> Samples => new()
    {
        { "photo.jpg", 1600, 1200 },
        { "plain.jpg", 160, 120 },
        { "orientation-gps.jpg", 160, 120 },
        { "plain.png", 160, 120 },
        { "animated.gif", 80, 60 },
        { "plain.webp", 160, 120 },
        { "plain.bmp", 64, 48 },
        { "plain.heic", 160, 120 },
        { "plain.avif", 160, 120 },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_real_picture_tells_its_size(string name, int width, int height)
    {
        var file = Sample.Bytes(name);

        PictureSize.Of(Sample.Identify(file).Type!, file).Should().Be(new PictureSize(width, height));
    }

    [Fact]
    public void A_file_that_is_no_picture_has_no_size()
    {
        var pictures = Samples.Select(row => (string)row[0]).ToHashSet();
        foreach (var name in SampleFileSpecs.Samples.Select(row => (string)row[0]).Where(name => !pictures.Contains(name)))
        {
            var file = Sample.Bytes(name);
            PictureSize.Of(Sample.Identify(file, Path.GetExtension(name)).Type!, file).Should().BeNull("of {0}", name);
        }
    }

    [Theory]
    [InlineData("0000 0001 7FFF FFFF", 1, int.MaxValue)]
    [InlineData("0001 E240 0000 0002", 123_456, 2)]
    public void A_png_has_sides_of_31_bits(string sides, int width, int height) =>
        SizeOf("png", Png + sides).Should().Be(new PictureSize(width, height));

    [Theory]
    [InlineData("png", Png + "0000 0000 0000 0010")]
    [InlineData("png", Png + "0000 0010 8000 0000")]
    [InlineData("png", Png + "0000 0010 0000 00")]
    [InlineData("png", "8950 4E47 0D0A 1A0A 0000 000D 6943 4350 0000 0010 0000 0010")]
    [InlineData("gif", "4749 4638 3961 0000 0100")]
    [InlineData("gif", "4749 4638 3961 0100 01")]
    [InlineData("bmp", Bmp + "0C00 0000 0000 0100")]
    [InlineData("bmp", Bmp + "2800 0000 FFFF FFFF 0100 0000")] // a negative width
    [InlineData("bmp", Bmp + "2800 0000 0100 0000 0000 0080")] // −2³¹ rows
    [InlineData("bmp", Bmp + "0800 0000 0100 0000 0100 0000")]
    [InlineData("webp", WebP + "5650 3820 0000 0000 0000 00 9D012B 0100 0100")] // no start code
    [InlineData("webp", WebP + "5650 3820 0000 0000 0000 00 9D012A 00C0 0100")] // no width below the scale
    [InlineData("webp", WebP + "5650 384C 0000 0000 2E 0000 0000")] // no signature
    [InlineData("webp", WebP + "5650 3858 0A00 0000 0000 0000 0000 0000 00")] // a byte too few
    [InlineData("webp", WebP + "414C 5048 0A00 0000 0000 0000 0000 0000 0000")]
    public void A_header_that_is_cut_off_or_cannot_be_tells_none(string type, string hex) => SizeOf(type, hex).Should().BeNull();

    [Theory]
    [InlineData("0C00 0000 FFFF 0200 0100 1800", 65535, 2)] // OS/2 1.x: 16 bits without a sign
    [InlineData("2800 0000 4001 0000 F000 0000", 320, 240)]
    [InlineData("2800 0000 4001 0000 10FF FFFF", 320, 240)] // rows from the top
    [InlineData("7C00 0000 0100 0000 FFFF FF7F", 1, int.MaxValue)]
    [InlineData("1000 0000 0200 0000 0300 0000", 2, 3)] // OS/2 2.x, the short form
    public void A_bitmap_has_one_of_two_kinds_of_header(string header, int width, int height) =>
        SizeOf("bmp", Bmp + header).Should().Be(new PictureSize(width, height));

    [Theory]
    [InlineData("5650 3820 0000 0000 0000 00 9D012A FF3F 0140", 16383, 1)] // lossy; scaled twofold for display
    [InlineData("5650 384C 0000 0000 2F FFFF FF0F 00", 16384, 16384)] // lossless
    [InlineData("5650 384C 0000 0000 2F 3F81 1F10 00", 320, 127)] // lossless, with alpha
    [InlineData("5650 3858 0A00 0000 0000 0000 FFFFFF 000000", 16_777_216, 1)] // extended
    [InlineData("5650 3858 0A00 0000 0000 0000 3F0100 EF0000", 320, 240)]
    public void A_webp_has_one_of_three_kinds_of_header(string chunk, int width, int height) =>
        SizeOf("webp", WebP + chunk).Should().Be(new PictureSize(width, height));

    [Theory]
    [InlineData("FFD8 FFE0 0004 0000 FFC0 000B 08 0102 0304 01 112200")]
    [InlineData("FFD8 FFFF FFC2 000B 08 0102 0304 01 112200")] // a fill byte; progressive
    [InlineData("FFD8 FFC4 0004 0000 FFCC 0003 00 FFC8 0002 FFCF 000B 08 0102 0304")] // tables before it
    [InlineData("FFD8 FFE1 0012 4578 6966 0000 FFD8 FFC0 000B 0800 0100 FFC0 000B 08 0102 0304")] // a thumbnail before it
    public void A_jpeg_has_the_size_of_its_frame(string hex) => SizeOf("jpeg", hex).Should().Be(new PictureSize(0x0304, 0x0102));

    [Theory]
    [InlineData("FFD8 FFC0 000B 08 0102 03")]
    [InlineData("FFD8 FFC0 000B 08 0000 0304 01 112200")] // the height follows the scan
    [InlineData("FFD8 FFDA 0008 0000 0000 0000 FFC0 000B 08 0102 0304")] // a scan without a frame
    [InlineData("FFD8 FFE0 0001 FFC0 000B 08 0102 0304")]
    [InlineData("FFD8 FFD8 FFC0 000B 08 0102 0304")]
    [InlineData("FFD8 0000 FFC0 000B 08 0102 0304")]
    [InlineData("FFD8 FFE1 FFFE")]
    public void A_jpeg_without_a_frame_in_sight_tells_none(string hex) => SizeOf("jpeg", hex).Should().BeNull();

    [Fact]
    public void A_frame_of_a_jpeg_that_lies_beyond_the_head_is_not_looked_for()
    {
        var frame = Convert.FromHexString("FFC0000B0801020304");
        byte[] WithMetadata(int bytes) => [0xFF, 0xD8, 0xFF, 0xE1, (byte)((bytes + 2) >> 8), (byte)(bytes + 2), .. new byte[bytes], .. frame, .. new byte[9000]];

        PictureSize.Of(FileTypeCatalog.Jpeg, WithMetadata(FileTypeCatalog.HeadBytes - 6 - frame.Length)).Should().Be(new PictureSize(0x0304, 0x0102));
        PictureSize.Of(FileTypeCatalog.Jpeg, WithMetadata(FileTypeCatalog.HeadBytes - 5 - frame.Length)).Should().BeNull();
    }

    [Fact]
    public void A_photo_of_tiles_has_the_size_of_the_whole_as_it_lies()
    {
        foreach (var type in new[] { FileTypeCatalog.Heic, FileTypeCatalog.Heif, FileTypeCatalog.Avif })
            PictureSize.Of(type, Grid).Should().Be(new PictureSize(4032, 3024));
    }

    [Theory]
    [InlineData("00000000 00000001 0001 01 02", 4)] // of another item
    [InlineData("00000000 00000001 0003 01 04", 4)] // no size among them
    [InlineData("00000000 00000001 0003 01 09", 4)] // a property that is not there
    [InlineData("00000000 00000001 0003 01 00", 4)]
    [InlineData("00000000 00000009 0003 05 81", 4)] // cut off
    [InlineData("00000000 00000001 0003 01 03", 3)] // a size that is cut off
    public void A_picture_whose_primary_item_tells_no_size_has_none(string table, int sizeBytes) =>
        PictureSize.Of(FileTypeCatalog.Avif, Items("0000 0000 0003", table, sizeBytes)).Should().BeNull();

    [Theory]
    [InlineData("0000 0000 0003", "00000000 00000002 0001 01 02 0003 02 81 03")]
    [InlineData("0000 0000 0003", "00000001 00000001 0003 02 8001 0003")] // property numbers of 15 bits
    [InlineData("0100 0000 00000003", "01000000 00000001 00000003 01 83")] // item numbers of 32 bits
    [InlineData("0100 0000 00000003", "01000001 00000001 00000003 01 8003")]
    public void Tables_of_either_version_are_read(string primary, string table) =>
        PictureSize.Of(FileTypeCatalog.Avif, Items(primary, table, 4)).Should().Be(new PictureSize(300, 200));

    [Fact]
    public void Random_and_changed_heads_never_throw_and_tell_a_size_that_can_be_or_none()
    {
        var heads = Samples.Select(row => Sample.Bytes((string)row[0])).Select(file => file[..Math.Min(file.Length, FileTypeCatalog.HeadBytes)])
            .Append(Grid).Append([]).ToArray();
        var changes = ArbMap.Default.ArbFor<(ushort At, byte Value)[]>();
        var anything =
            (from type in Gen.Elements(FileTypeCatalog.All.Where(type => type.Family == FileFamily.Image))
             from opening in Gen.Elements(heads)
             from keep in Gen.Choose(0, 400)
             from tail in ArbMap.Default.ArbFor<byte[]>().Generator
             from whole in ArbMap.Default.ArbFor<bool>().Generator
             from mutations in changes.Generator
             select (Type: type, Head: Changed(whole ? opening : [.. opening.Take(keep), .. tail], mutations), Cut: keep)).ToArbitrary();

        Prop.ForAll(anything, file =>
        {
            var size = PictureSize.Of(file.Type, file.Head);
            var cut = PictureSize.Of(file.Type, file.Head.AsSpan(0, Math.Min(file.Cut, file.Head.Length)));

            // What is cut off can hide a size and never makes another one.
            return (size is not { } told || (told.Width > 0 && told.Height > 0)) && (cut is null || cut == size);
        }).Check(Repeatable);
    }

    private static byte[] Changed(byte[] bytes, (ushort At, byte Value)[] changes)
    {
        byte[] changed = [.. bytes];
        foreach (var (at, value) in changes.Take(changed.Length == 0 ? 0 : 6))
            changed[at % Math.Min(changed.Length, 400)] = value;
        return changed;
    }

    private static PictureSize? SizeOf(string type, string hex) => PictureSize.Of(FileTypeCatalog.Find(type)!, Bytes(hex));

    // Properties: the coding, a size of 1 × 1, one of 300 × 200, a turn.
    private static byte[] Items(string primary, string table, int sizeBytes) => Box("meta", "0000 0000" + Hex(Box("pitm", primary)) + Hex(Box("iprp",
        Hex(Box("ipco", Hex(Box("av1C", "81")) + Size(1, 1) + Hex(Box("ispe", "0000 0000 0000 012C" + "0000 00C8"[..(sizeBytes == 4 ? 9 : 7)]))
            + Hex(Box("irot", "00"))))
        + Hex(Box("ipma", table)))));

    private static string Size(int width, int height) => Hex(Box("ispe", $"00000000{width:X8}{height:X8}"));

    private static byte[] Box(string type, string hex)
    {
        var content = Bytes(hex);
        return [.. Bytes($"{content.Length + 8:X8}"), .. Encoding.ASCII.GetBytes(type), .. content];
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
