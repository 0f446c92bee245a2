using System.IO.Compression;
using System.Text;
using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class ContainerSpecs
{
    [Theory]
    [InlineData("jar", "META-INF/MANIFEST.MF", "a/Main.class")]
    [InlineData("jar", "META-INF/", "META-INF/MANIFEST.MF")]
    [InlineData("jar", "readme.txt", "a/Main.class")]
    [InlineData("apk", "AndroidManifest.xml", "res/a.png")]
    [InlineData("apk", "res/a.png", "classes.dex")]
    [InlineData("ipa", "Payload/", "Payload/A.app/Info.plist")]
    [InlineData("appx", "a.txt", "AppxManifest.xml")]
    [InlineData("macro document", "[Content_Types].xml", "word/vbaProject.bin")]
    [InlineData("macro document", "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")]
    public void A_package_that_a_machine_runs_is_refused_whatever_its_name(string name, params string[] entries)
    {
        foreach (var extension in (string?[])[null, ".zip", ".docx", ".png"])
            Sample.Identify(Zip(entries), extension).ShouldBeRefused(RefusalReason.Executable, name);
    }

    [Theory]
    [InlineData(".jar", "jar")]
    [InlineData(".APK", "apk")]
    [InlineData(".xpi", "application package")]
    [InlineData(".docm", "macro document")]
    [InlineData(".xlsm", "macro document")]
    public void An_archive_under_the_name_of_a_program_is_refused(string extension, string name) =>
        Sample.Identify(Zip("a.txt", "b.txt"), extension).ShouldBeRefused(RefusalReason.Executable, name);

    [Theory]
    [InlineData("docx", null, "[Content_Types].xml", "_rels/.rels", "word/document.xml")]
    [InlineData("xlsx", null, "_rels/.rels", "docProps/app.xml", "xl/workbook.xml")]
    [InlineData("pptx", null, "docProps/thumbnail.jpeg", "ppt/presentation.xml")]
    [InlineData("docx", ".docx", "word/document.xml", "word/styles.xml")]
    [InlineData("docx", ".xlsx", "[Content_Types].xml", "word/document.xml")]
    [InlineData("xlsx", ".xlsx", "[Content_Types].xml", "customXml/item1.xml")]
    [InlineData("zip", null, "[Content_Types].xml", "customXml/item1.xml")]
    [InlineData("zip", null, "word/list.txt", "word/index.txt")]
    [InlineData("zip", ".docx", "a.txt", "b.txt")]
    public void Office_files_are_told_by_their_parts(string type, string? extension, params string[] entries) =>
        Sample.Identify(Zip(entries), extension).ShouldBe(type);

    [Fact]
    public void Writers_that_stream_leave_sizes_out_and_are_understood()
    {
        // A target that cannot seek makes the writer put the sizes behind the data (general purpose bit 3).
        using var memory = new MemoryStream();
        using (var pipe = new OneWay(memory))
        using (var archive = new ZipArchive(pipe, ZipArchiveMode.Create))
        {
            foreach (var name in (string[])["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"])
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.ASCII.GetBytes("<x>" + name + "</x>"));
            }
        }

        var file = memory.ToArray();
        (file[6] & 8).Should().Be(8);
        Sample.Identify(file).ShouldBe("xlsx");
    }

    [Fact]
    public void A_document_whose_main_part_lies_beyond_the_head_is_chosen_by_name()
    {
        var file = new byte[20_000];
        Zip("[Content_Types].xml").AsSpan(0, 49).CopyTo(file);
        BitConverter.GetBytes(15_000).CopyTo(file, 18);

        Sample.Identify(file, ".docx").ShouldBe("docx");
        Sample.Identify(file, ".PPTX").ShouldBe("pptx");
        Sample.Identify(file).ShouldBe("zip");
    }

    [Theory]
    [InlineData("application/vnd.oasis.opendocument.text", "odt")]
    [InlineData("application/vnd.oasis.opendocument.spreadsheet", "ods")]
    [InlineData("application/vnd.oasis.opendocument.presentation", "odp")]
    public void OpenDocument_is_told_by_its_first_entry(string mediaType, string type) =>
        Sample.Identify(ZipOf(("mimetype", mediaType), ("content.xml", "<x/>")), ".zip").ShouldBe(type);

    [Theory]
    [InlineData("application/epub+zip", "epub")]
    [InlineData("application/vnd.oasis.opendocument.graphics", "opendocument")]
    [InlineData("application/vnd.oasis.opendocument.text-master", "opendocument")]
    public void Relatives_of_OpenDocument_are_refused(string mediaType, string name) =>
        Sample.Identify(ZipOf(("mimetype", mediaType), ("content.xml", "<x/>"))).ShouldBeRefused(RefusalReason.Unsupported, name);

    [Fact]
    public void OpenDocument_with_macros_is_refused() =>
        Sample.Identify(ZipOf(("mimetype", "application/vnd.oasis.opendocument.text"), ("Basic/Standard/M.xml", "x")))
            .ShouldBeRefused(RefusalReason.Executable, "macro document");

    [Theory]
    [InlineData("504B 0304")]
    [InlineData("504B 0304 1400 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000")] // no name
    [InlineData("504B 0304 1400 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 FFFF 0000 6161")] // a name of 64 KiB
    [InlineData("504B 0304 1400 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0200 0000 0A0A")] // a name of line feeds
    public void A_zip_without_a_first_entry_is_refused(string hex) =>
        Sample.IdentifyHex(hex, ".zip").ShouldBeRefused(RefusalReason.Unknown, "broken zip");

    [Fact]
    public void An_empty_zip_is_refused() =>
        Sample.IdentifyHex("504B 0506 0000 0000 0000 0000 0000 0000 0000 0000 0000")
            .ShouldBeRefused(RefusalReason.Unsupported, "empty zip");

    [Theory]
    [InlineData("msi", "84100C0000000000C000000000000046")]
    [InlineData("msi", "86100C0000000000C000000000000046")]
    public void An_installer_is_refused_by_its_class_whatever_its_name(string name, string classId)
    {
        var file = Sample.Bytes("letter.doc");
        Convert.FromHexString(classId).CopyTo(file, 1024 + 80);

        Sample.Identify(file, ".doc").ShouldBeRefused(RefusalReason.Executable, name);
    }

    [Fact]
    public void A_compound_file_is_told_by_its_streams_before_its_name()
    {
        Sample.Identify(Sample.Bytes("letter.doc"), ".xls").ShouldBe("doc");
        Sample.Identify(Sample.Bytes("table.xls"), ".doc").ShouldBe("xls");
        Sample.Identify(Sample.Bytes("letter.doc"), ".msi").ShouldBeRefused(RefusalReason.Executable, "msi");
    }

    [Theory]
    [InlineData(".doc", "doc")]
    [InlineData(".XLS", "xls")]
    [InlineData(".ppt", "ppt")]
    public void A_compound_file_whose_directory_lies_beyond_the_head_is_chosen_by_name(string extension, string type)
    {
        var file = Sample.Bytes("letter.doc");
        file[49] = 0x40;

        Sample.Identify(file, extension).ShouldBe(type);
        Sample.Identify(file, ".msg").ShouldBeRefused(RefusalReason.Unsupported, "compound file");
        Sample.Identify(file).ShouldBeRefused(RefusalReason.Unsupported, "compound file");
    }

    [Fact]
    public void A_compound_file_that_shows_macros_is_refused()
    {
        var file = Sample.Bytes("letter.doc");
        Encoding.Unicode.GetBytes("Macros\0").CopyTo(file, 1024 + 128);
        file[1024 + 128 + 64] = 14;

        Sample.Identify(file, ".doc").ShouldBeRefused(RefusalReason.Executable, "macro document");
    }

    [Theory]
    [InlineData("%PDF-1.7\n1 0 obj\n<<>>\nendobj", true)]
    [InlineData("\uFEFF\r\n%PDF-2.0\n1 0 obj\n<<>>\nendobj", true)]
    [InlineData("junk before %PDF-1.7\n1 0 obj\u0001", false)]
    [InlineData("%PDF-9.9\n1 0 obj\n<<>>\nendobj", false)]
    [InlineData("%PDF-1.4\n", false)]
    public void A_pdf_begins_with_its_header(string text, bool accepted)
    {
        var answer = Sample.Identify(text, ".pdf");

        answer.IsAccepted.Should().Be(accepted);
        if (accepted)
            answer.ShouldBe("pdf");
    }

    private static byte[] Zip(params string[] entries) => ZipOf([.. entries.Select(entry => (entry, "content of " + entry))]);

    private static byte[] ZipOf(params (string Name, string Text)[] entries)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return memory.ToArray();
    }

    private sealed class OneWay(Stream target) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer, offset, count);

        public override void Flush() => target.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
