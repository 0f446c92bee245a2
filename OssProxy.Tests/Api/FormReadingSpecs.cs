using System.Text;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Api;

/// <summary>The reader of forms by itself: bytes stay what they are however they arrive, and what is no form is refused early.</summary>
public sealed class FormReadingSpecs
{
    private const string Delimiter = "\r\n--" + Form.Boundary;
    private const string End = Delimiter + "--\r\n";

    // More than the reader looks at before it can know that a limit is passed: its own buffer twice, and a field.
    private const int LookAhead = 256 * 1024;

    // A head that is cut before its filename looks like that of a text in the place of a file.
    private static readonly UploadError[] CutErrors = [UploadError.FormMalformed, UploadError.FormTooComplex, UploadError.FormContradictory];

    /// <summary>Content that is nearly a delimiter.</summary>
    public static TheoryData<string> Deceptions => new()
    {
        Form.Boundary,
        "--" + Form.Boundary,
        "--" + Form.Boundary + "--\r\n",
        "\n--" + Form.Boundary + "\n",
        "\r--" + Form.Boundary + "\r\n",
        "\n\r--" + Form.Boundary + "\r\n",
        "\r\n-" + Form.Boundary + "\r\n",
        "\r\n" + Form.Boundary + "--\r\n",
        "\r\n --" + Form.Boundary + "\r\n",
        Delimiter[..^1] + "\r\n",
        Delimiter[..^1] + "Z\r\n",
        Delimiter[..^1] + Delimiter[..^1] + Delimiter[..^1],
        "\r\n\r\n\r\r\n\n\r",
        "\r\n--\r\n--\r\n----\r\n--",
        "\r",
        "\r\n",
        "-",
        "\r\nContent-Disposition: form-data; name=\"img\"; filename=\"b.jpg\"\r\n\r\nother",
        "\0\0\0",
        "",
    };

    /// <summary>Heads of parts that can be read in two ways, or not at all.</summary>
    public static TheoryData<string> BadHeads => new()
    {
        // Folded lines are gone since RFC 9112; half of the parsers take them for a header of their own.
        "Content-Disposition: form-data; name=\"img\";\r\n filename=\"a.jpg\"\r\n",
        "Content-Disposition: form-data; name=\"img\";\r\n filename=\"a:b.jpg\"\r\n",
        "Content-Disposition: form-data; name=\"x\"\r\n\tfold: x\r\n",
        "Content-Disposition: form-data; name=\"i\0mg\"; filename=\"a.jpg\"\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a\0.jpg\"\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX-\0: 1\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nContent-Type: a\0b\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX: a\nY: b\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX: a\rY: b\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX : 1\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n: 1\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nContent-Disposition: form-data; name=\"x\"\r\n",
        "Content-Disposition: form-data; name=\"img\"; name=\"x\"; filename=\"a.jpg\"\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"; FileName=\"b.html\"\r\n",
        "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\r\n",
        "Content-Disposition: attachment; name=\"img\"; filename=\"a.jpg\"\r\n",
        "Content-Disposition: form-data; filename=\"a.jpg\"\r\n",
        "Content-Disposition: form-data\r\n",
        "Content-Type: image/jpeg\r\n",
        "",
    };

    [Theory]
    [MemberData(nameof(Deceptions))]
    public async Task Content_that_is_nearly_a_delimiter_stays_content_wherever_the_reads_cut_it(string deception)
    {
        foreach (var text in new[] { deception, "before" + deception, deception + "after", deception + deception }.Where(text => !text.Contains(Delimiter, StringComparison.Ordinal)))
        {
            var content = Encoding.Latin1.GetBytes(text);
            var form = new Form().Field("a", "1").File("img", "a.jpg", content).Field("imageClassId", "7").File("img", "b.jpg", content).ToBytes();

            for (var cut = 1; cut < form.Length; cut++)
                ShouldHold(await FormReadingResult.OfAsync(form, cut, form.Length), content);
        }

        static void ShouldHold(FormReadingResult read, byte[] content)
        {
            read.Files.Should().HaveCount(2);
            read.Files[0].AsSpan().SequenceEqual(content).Should().BeTrue();
            read.Files[1].AsSpan().SequenceEqual(content).Should().BeTrue();
            read.ClassId.Should().Be(7);
        }
    }

    [Fact]
    public async Task Any_size_of_reads_gives_the_same_file()
    {
        var content = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("\r\n--\r" + Delimiter[..^1] + "\n", 20)));
        var form = new Form().File("img", "a.jpg", content).ToBytes();

        for (var size = 1; size < 200; size++)
            (await FormReadingResult.OfAsync(form, size)).Files.Single().Should().Equal(content);
    }

    [Fact]
    public async Task A_delimiter_may_lie_across_the_end_of_the_readers_buffer_at_every_offset()
    {
        const int buffer = 64 * 1024;
        var longest = new byte[buffer + 64];
        new Random(20260105).NextBytes(longest);

        for (var length = buffer - 256; length < longest.Length; length++)
        {
            var content = longest.AsMemory(0, length).ToArray();
            var read = await FormReadingResult.OfAsync(new Form().File("img", "a.jpg", content).File("img", "b.jpg", [1, 2, 3]).ToBytes());

            read.Files[0].AsSpan().SequenceEqual(content).Should().BeTrue("of {0} bytes", length);
            read.Files[1].Should().Equal(1, 2, 3);
        }
    }

    [Fact]
    public async Task A_form_that_is_cut_anywhere_is_refused()
    {
        var form = new Form().Field("imageClassId", "7").File("img", "a.jpg", "content\r\n--"u8).Field("x", "").File("img", "", []).ToBytes();

        // The last line break is nobody's.
        for (var length = 0; length < form.Length - 2; length++)
        {
            await RefusedAsync(form[..length], CutErrors, form.Length);
            await RefusedAsync(form[..length], CutErrors, 1);
        }

        (await FormReadingResult.OfAsync(form[..^2])).ClassId.Should().Be(7);
    }

    [Theory]
    [MemberData(nameof(BadHeads))]
    public async Task A_head_that_can_be_read_two_ways_is_refused(string head)
    {
        foreach (var form in new[] { Part(head, "x") + End, Text("imageClassId", "7") + "\r\n" + Part(head, "x") + End, Part(head, "") + End })
            await RefusedAsync(Encoding.Latin1.GetBytes(form), UploadError.FormMalformed, UploadError.FormTooComplex);
    }

    [Theory]
    [InlineData("filename=a.jpg", "a.jpg")]
    [InlineData("filename=\"\u00E5\u009B\u00BE.jpg\"", "图.jpg")]
    [InlineData("filename=\"a.jpg\"; filename*=UTF-8''%e5%9b%be.jpg", "图.jpg")]
    [InlineData("filename*=utf-7''+AGE-.jpg; filename=\"a.jpg\"", "a.jpg")]
    [InlineData("filename=\"=?utf-7?B?YS5qcGc=?=\"", "=?utf-7?B?YS5qcGc=?=")]
    [InlineData("filename*=utf-7''a.jpg", "utf-7''a.jpg")]
    [InlineData("filename*=none''a.jpg", "none''a.jpg")]
    [InlineData("filename*=''; filename=a.jpg", "a.jpg")]
    [InlineData("filename*=none''a; filename=a.jpg", "a.jpg")]
    [InlineData("filename*=UTF-8''%e5%9; filename=a.jpg", "%9")]
    public async Task A_file_has_a_name_or_none_whatever_its_encoding(string parameter, string name)
    {
        var read = await FormReadingResult.OfAsync(Part($"Content-Disposition: form-data; name=\"img\"; {parameter}\r\n", "content") + End);

        read.Files.Single().Should().Equal([.. "content"u8]);
        read.Names.Single().Should().Be(name);
    }

    [Fact]
    public async Task Sixteen_headers_of_sixteen_kibibytes_are_enough()
    {
        const string disposition = "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n";
        string Headers(int count) => disposition + string.Concat(Enumerable.Range(1, count - 1).Select(i => $"X-{i}: 1\r\n"));
        string Long(int length) => disposition + "X: " + new string('x', length - disposition.Length - 3) + "\r\n";

        (await FormReadingResult.OfAsync(Part(Headers(16), "x") + End)).Files.Should().ContainSingle();
        (await FormReadingResult.OfAsync(Part(Long(16_000), "x") + End)).Files.Should().ContainSingle();
        await RefusedAsync(Encoding.Latin1.GetBytes(Part(Headers(17), "x") + End), UploadError.FormTooComplex);
        await RefusedAsync(Encoding.Latin1.GetBytes(Part(Long((16 * 1024) + 100), "x") + End), UploadError.FormTooComplex);
    }

    [Theory]
    [InlineData("Content-Disposition: form-data; name=\"img\"; filename=\"\"\r\n", "")]
    [InlineData("Content-Disposition: form-data; name=\"x\"; filename=\"\"\r\n", "")]
    [InlineData("Content-Disposition: form-data; name=\"x\"\r\n", "")]
    [InlineData("Content-Disposition: form-data; name=\"x\"\r\n", "same")]
    [InlineData("", "")]
    public async Task A_hundred_thousand_empty_parts_are_refused_after_the_first_few(string head, string content)
    {
        var form = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(Part(head, content) + "\r\n", 100_000)) + End[2..]);

        await RefusedEarlyAsync(form);
    }

    [Fact]
    public async Task What_never_ends_is_refused_before_it_has_been_read()
    {
        var much = new string('x', 4 * 1024 * 1024);
        var form = new Form().File("img", "a.jpg", "content"u8).ToBytes();

        await RefusedEarlyAsync([.. Encoding.Latin1.GetBytes(much + "\r\n"), .. form]);
        await RefusedEarlyAsync([.. form, .. Encoding.Latin1.GetBytes(much)]);
        await RefusedEarlyAsync(Encoding.Latin1.GetBytes($"--{Form.Boundary}{new string(' ', much.Length)}\r\n"));
        await RefusedEarlyAsync(Encoding.Latin1.GetBytes($"--{Form.Boundary}\r\n{much}"));
        await RefusedEarlyAsync(Encoding.Latin1.GetBytes($"--{Form.Boundary}\r\nX: {much}"));
        await RefusedEarlyAsync(Encoding.Latin1.GetBytes(Part($"Content-Disposition: form-data; name=\"{much}", "") + End));
        await RefusedEarlyAsync(Encoding.Latin1.GetBytes(Text("x", much) + End));
        await RefusedEarlyAsync(Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, 1025).Select(i => Text("x" + i, "y") + "\r\n")) + End[2..]), 1);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("\"a b'()+_,-./:=?\"", true)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789", true)]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234567890", false)]
    [InlineData("\"a\r\nb\"", false)]
    [InlineData("\"a\0b\"", false)]
    [InlineData("\"a \"", false)]
    [InlineData("图", false)]
    [InlineData("a; boundary=a", false)]
    [InlineData("a; boundary=b", false)]
    [InlineData("\"\"", false)]
    [InlineData("", false)]
    public async Task A_boundary_is_one_to_seventy_plain_characters(string written, bool good)
    {
        var boundary = written.Trim('"');
        var form = Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a\"\r\n\r\nx\r\n--{boundary}--");
        var reading = () => FormReadingResult.OfAsync(new FormReadingBody(form), "multipart/form-data; boundary=" + written);

        if (good)
            (await reading()).Files.Should().ContainSingle();
        else
            (await reading.Should().ThrowAsync<UploadException>()).Which.Error.Should().BeOneOf(UploadError.FormMalformed, UploadError.NotMultipart);
    }

    [Fact]
    public Task A_boundary_of_129_characters_is_refused() => A_boundary_is_one_to_seventy_plain_characters(new string('b', 129), good: false);

    private static string Part(string head, string content) => $"--{Form.Boundary}\r\n{head}\r\n{content}";

    private static string Text(string name, string value) => Part($"Content-Disposition: form-data; name=\"{name}\"\r\n", value);

    private static Task<UploadException> RefusedAsync(byte[] form, params UploadError[] errors) => RefusedAsync(form, errors, form.Length);

    private static async Task<UploadException> RefusedAsync(byte[] form, UploadError[] errors, int size)
    {
        var reading = () => FormReadingResult.OfAsync(form, Math.Max(size, 1));
        var refusal = (await reading.Should().ThrowAsync<UploadException>("of {0}", Encoding.Latin1.GetString(form[..Math.Min(form.Length, 400)]))).Which;
        errors.Should().Contain(refusal.Error);
        return refusal;
    }

    // Counted in bytes taken from the connection rather than in time, so that it holds on any machine.
    private static async Task RefusedEarlyAsync(byte[] form, int size = 16 * 1024)
    {
        var body = new FormReadingBody(form, size);
        var reading = () => FormReadingResult.OfAsync(body);

        (await reading.Should().ThrowAsync<UploadException>()).Which.Error.Should().BeOneOf(UploadError.FormTooComplex, UploadError.FormMalformed);
        body.Delivered.Should().BeLessThan(Math.Min(LookAhead, form.Length));
    }
}
