using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class SampleFileSpecs
{
    public static readonly TheoryData<string, string> Samples = new()
    {
        { "photo.jpg", "jpeg" },
        { "plain.jpg", "jpeg" },
        { "orientation-gps.jpg", "jpeg" },
        { "plain.png", "png" },
        { "animated.gif", "gif" },
        { "plain.webp", "webp" },
        { "plain.bmp", "bmp" },
        { "plain.tif", "tiff" },
        { "plain.heic", "heic" },
        { "plain.avif", "avif" },
        { "clip.mp4", "mp4" },
        { "clip.mov", "mov" },
        { "clip.3gp", "3gp" },
        { "clip.webm", "webm" },
        { "theora.ogv", "ogv" },
        { "tagged.mp3", "mp3" },
        { "bare.mp3", "mp3" },
        { "tone.m4a", "m4a" },
        { "tone.aac", "aac" },
        { "tone.wav", "wav" },
        { "tone.amr", "amr" },
        { "silence.awb", "amr-wb" },
        { "vorbis.ogg", "ogg" },
        { "opus.ogg", "ogg" },
        { "page.pdf", "pdf" },
        { "letter.docx", "docx" },
        { "table.xlsx", "xlsx" },
        { "slides.pptx", "pptx" },
        { "letter.doc", "doc" },
        { "table.xls", "xls" },
        { "slides.ppt", "ppt" },
        { "letter.odt", "odt" },
        { "table.ods", "ods" },
        { "slides.odp", "odp" },
        { "notes.zip", "zip" },
        { "chinese-utf8.txt", "txt" },
        { "chinese-gbk.txt", "txt" },
        { "chinese-utf16.txt", "txt" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_real_file_is_what_it_is_under_its_own_name(string name, string type)
    {
        var answer = Sample.Identify(Sample.Bytes(name), Path.GetExtension(name));

        answer.ShouldBe(type);
        answer.Type!.ExtensionFor(Path.GetExtension(name)).Should().Be(Path.GetExtension(name));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_real_file_is_what_it_is_without_a_name(string name, string type) =>
        Sample.Identify(Sample.Bytes(name)).ShouldBe(type);

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_wrong_name_does_not_change_what_a_file_is(string name, string type)
    {
        var answer = Sample.Identify(Sample.Bytes(name), ".png");

        if (type == "txt")
            answer.ShouldBeRefused(RefusalReason.NameMismatch, "text");
        else
            answer.ShouldBe(type);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_header_that_is_cut_off_is_refused(string name, string type)
    {
        var file = Sample.Bytes(name);
        foreach (var length in (int[])[1, 2, 3, 4, 6, 8, type == "amr-wb" ? 8 : 12])
            Sample.Identify(file[..length]).IsAccepted.Should().BeFalse("{0} bytes of {1} are no {2}", length, name, type);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_picture_or_movie_stays_what_it_is_when_a_page_is_hidden_behind_it(string name, string type)
    {
        var file = Sample.Bytes(name);
        byte[] polyglot = [.. file, .. "<html><script>alert(1)</script><?php system($_GET[0]); ?>"u8];

        var answer = Sample.Identify(polyglot);

        if (type == "txt")
            answer.IsAccepted.Should().BeFalse();
        else
            answer.ShouldBe(type);
    }

    [Fact]
    public void Every_type_of_the_catalogue_has_a_sample_or_a_test_of_its_own()
    {
        // HEIF without a certain coding is made of literal bytes in IsoMediaSpecs.
        FileTypeCatalog.All.Select(type => type.Name).Except(Samples.Select(row => (string)row[1]))
            .Should().Equal("heif");
    }

    [Fact]
    public void Matroska_is_recognised_and_refused() =>
        Sample.Identify(Sample.Bytes("clip.mkv"), ".webm").ShouldBeRefused(RefusalReason.Unsupported, "matroska");

    [Fact]
    public void A_jpeg_that_ends_before_its_picture_is_refused()
    {
        var file = Sample.Bytes("plain.jpg");
        var scan = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]);

        Sample.Identify(file[..scan]).ShouldBeRefused(RefusalReason.Unknown, "broken jpeg");
    }

    [Fact]
    public void All_samples_together_stay_small() =>
        new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "Samples")).EnumerateFiles().Sum(file => file.Length)
            .Should().BeLessThan(1_500_000);
}
