using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

/// <summary>What must hold for any bytes. Seeds are fixed, so that a failure comes again.</summary>
public class IdentificationSpecs
{
    private static readonly string?[] Extensions =
        [null, "", ".", ".txt", ".png", ".docx", ".doc", ".m4a", ".mp4", ".aac", ".html", ".jar", ".\0", ".\uD800", "..\\..\\x"];

    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(400).WithReplay(20260105, 7);

    // Beginnings that lead deep into each recogniser; random bytes alone would all end as "unknown".
    private static readonly byte[][] Openings =
    [
        [], [0xFF, 0xD8, 0xFF, 0xE1], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
        [.. "GIF89a"u8], [.. "BM"u8], [.. "II*\0"u8], [.. "MM\0*"u8], [.. "RIFF....WAVE"u8], [.. "RIFF....WEBPVP8X"u8],
        [.. "\0\0\0\x18ftyp"u8], [.. "\0\0\0\x08wide"u8], [0x1A, 0x45, 0xDF, 0xA3, 0x9F], [.. "OggS\0\x02"u8], [.. "#!AMR\n"u8],
        [.. "#!AMR-WB\n"u8], [.. "%PDF-1."u8], [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], [.. "PK\x03\x04"u8], [.. "ID3\x03\0\0"u8],
        [0xFF, 0xFB, 0x90], [0xFF, 0xF1, 0x50], [0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF], [.. "<svg "u8], [.. "<a on"u8], [.. "/*"u8],
        [.. "function "u8], [0xCA, 0xFE, 0xBA, 0xBE], [0x81, 0x30],
    ];

    [Fact]
    public void Any_bytes_get_exactly_one_answer() =>
        Prop.ForAll(
            AnyFile(),
            ArbMap.Default.ArbFor<bool>(),
            Gen.Elements(Extensions).ToArbitrary(),
            (file, isWhole, extension) =>
            {
                var answer = FileTypeCatalog.Identify(file, isWhole, extension);
                return answer.IsAccepted == (answer.Refusal is null) && answer.IsAccepted == (answer.Type is not null)
                    && answer.Name.Length > 0 && answer.Name.All(c => c is >= ' ' and <= '~');
            }).Check(Repeatable);

    [Fact]
    public void Bytes_beyond_the_head_and_what_is_said_about_them_have_no_influence() =>
        Prop.ForAll(
            AnyFile(),
            AnyFile(),
            Gen.Elements(Extensions).ToArbitrary(),
            (start, filling, extension) =>
            {
                var head = new byte[FileTypeCatalog.HeadBytes];
                for (var i = 0; i < head.Length; i++)
                    head[i] = i < start.Length ? start[i] : filling.Length == 0 ? (byte)'x' : filling[(i - start.Length) % filling.Length];

                var answer = FileTypeCatalog.Identify(head, isWhole: false, extension);
                byte[] longer = [.. head, .. filling, 0];
                return FileTypeCatalog.Identify(longer, isWhole: false, extension) == answer
                    && FileTypeCatalog.Identify(longer, isWhole: true, extension) == answer;
            }).Check(Repeatable.WithMaxTest(500));

    [Fact]
    public void A_name_never_turns_a_refusal_of_active_or_executable_content_into_a_type() =>
        Prop.ForAll(
            AnyFile(),
            Gen.Elements(Extensions).ToArbitrary(),
            (file, extension) =>
                FileTypeCatalog.Identify(file, isWhole: true, null).Refusal is not (RefusalReason.ActiveContent or RefusalReason.Executable)
                || !FileTypeCatalog.Identify(file, isWhole: true, extension).IsAccepted).Check(Repeatable);

    [Fact]
    public void Samples_with_bytes_changed_or_cut_never_throw()
    {
        var random = new Random(20260105);
        foreach (var name in SampleFileSpecs.Samples.Select(row => (string)row[0]))
        {
            var sample = Sample.Bytes(name);
            var head = sample[..Math.Min(sample.Length, FileTypeCatalog.HeadBytes)];
            for (var round = 0; round < 500; round++)
            {
                var mutant = head[..random.Next(1, head.Length + 1)];
                for (var changes = random.Next(0, 8); changes > 0; changes--)
                    mutant[random.Next(Math.Min(mutant.Length, changes % 2 == 0 ? 64 : mutant.Length))] = Extreme(random);

                var isWhole = round % 2 == 0;
                var identify = () => FileTypeCatalog.Identify(mutant, isWhole, Extensions[round % Extensions.Length]);
                identify.Should().NotThrow("of a changed {0}: {1}", name, Convert.ToHexString(mutant[..Math.Min(mutant.Length, 64)]));
            }
        }
    }

    [Fact]
    public void What_is_allocated_does_not_depend_on_the_file()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("上传<文件 ", 800)))[..FileTypeCatalog.HeadBytes];
        FileTypeCatalog.Identify(text, isWhole: false, ".txt");
        var before = GC.GetAllocatedBytesForCurrentThread();
        FileTypeCatalog.Identify(text, isWhole: false, ".txt");

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1024);
    }

    private static byte Extreme(Random random) => random.Next(4) switch
    {
        0 => 0,
        1 => 0xFF,
        2 => 0x80,
        _ => (byte)random.Next(256),
    };

    private static Arbitrary<byte[]> AnyFile() =>
        (from opening in Gen.Elements(Openings)
         from rest in Gen.OneOf(
             Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(),
             Gen.Elements<byte>([.. "<>/ =onsvgPK\x03\x04\0\0\0\xFF"u8]).ArrayOf())
         select (byte[])[.. opening, .. rest]).ToArbitrary();
}
