using System.Text;

namespace OssProxy.Tests.Api;

/// <summary>What stands between the parts: delimiters, padding, preamble, epilogue, and what only looks like them (RFC 2046, 5.1.1).</summary>
public sealed class FormReadingFramingSpecs
{
    private const string Head = "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n\r\n";
    private const string Open = "--b\r\n" + Head;

    /// <summary>Good forms with the boundary <c>b</c>.</summary>
    public static TheoryData<string, string> GoodForms => new()
    {
        { Open + "x\r\n--b--\r\n", "a.jpg:x" },
        { Open + "x\r\n--b--", "a.jpg:x" },
        { Open + "\r\n--b--\r\n", "a.jpg:" },
        { Open + "x\r\n" + Open + "y\r\n--b--\r\n", "a.jpg:x|a.jpg:y" },
        { Open + "\r\n" + Open + "\r\n" + Open + "\r\n--b--\r\n", "a.jpg:|a.jpg:|a.jpg:" },
        { "--b--\r\n", "" },
        { "--b--", "" },

        // The preamble is for readers without MIME; nobody looks at it.
        { "\r\n--b--", "" },
        { "\r\n" + Open + "x\r\n--b--\r\n", "a.jpg:x" },
        { "\r\n\r\n" + Open + "x\r\n--b--\r\n", "a.jpg:x" },
        { "This is a preamble.\r\n" + Open + "x\r\n--b--\r\n", "a.jpg:x" },
        { "a: b\r\n\r\n--\r\n-b\r\n--a\r\n\r--c\r\n-\r\n" + Open + "x\r\n--b--\r\n", "a.jpg:x" },
        { "\r\r\n" + Open + "x\r\n--b--\r\n", "a.jpg:x" },

        // No line begins like a delimiter here, so nothing opens and nothing closes.
        { "x--b\r\n" + Head + "x\r\n--b--\r\n", "" },
        { "x--b--\r\n" + Open + "x\r\n--b--\r\n", "a.jpg:x" },

        // So is the epilogue, even when it looks like more of the form.
        { Open + "x\r\n--b--\r\nThis is an epilogue.\r\n", "a.jpg:x" },
        { Open + "x\r\n--b--\r\n" + Open + "y\r\n--b--\r\n", "a.jpg:x" },
        { Open + "x\r\n--b--\r\n\r\n--b\r\n", "a.jpg:x" },
        { "--b--\r\n" + Open + "y\r\n--b--\r\n", "" },

        // Blanks and tabs that a gateway may have put behind a delimiter.
        { "--b \r\n" + Head + "x\r\n--b--\r\n", "a.jpg:x" },
        { "--b \t \r\n" + Head + "x\r\n--b\t\r\n" + Head + "y\r\n--b-- \t\r\n", "a.jpg:x|a.jpg:y" },
        { Open + "x\r\n--b-- ", "a.jpg:x" },

        // Line breaks before a delimiter are the content's, but for the last.
        { Open + "\r\n\r\n--b--\r\n", "a.jpg:\r\n" },
        { Open + "\r\n\r\n\r\n--b--\r\n", "a.jpg:\r\n\r\n" },
        { Open + "x\r\r\n--b--\r\n", "a.jpg:x\r" },
        { Open + "x\n\r\n--b--\r\n", "a.jpg:x\n" },
        { Open + "\r\r\r\r\r\n--b--\r\n", "a.jpg:\r\r\r\r" },
        { Open + "\n\n\r\n--b--\r\n", "a.jpg:\n\n" },
    };

    /// <summary>No forms, with the boundary <c>b</c>.</summary>
    public static TheoryData<string, string> BadForms => new()
    {
        { "", "FormMalformed" },
        { "\r\n", "FormMalformed" },
        { "--", "FormMalformed" },
        { "--b", "FormMalformed" },
        { "--b-", "FormMalformed" },
        { "--b\r\n", "FormMalformed" },
        { "--b\r\n\r\n", "FormMalformed" },
        { "--c--\r\n", "FormMalformed" },
        { "no form at all", "FormMalformed" },
        { Open, "FormMalformed" },
        { Open + "x", "FormMalformed" },
        { Open + "x\r\n", "FormMalformed" },
        { Open + "x\r\n--b", "FormMalformed" },
        { Open + "x\r\n--b\r", "FormMalformed" },
        { Open + "x\r\n--b\r\n", "FormMalformed" },

        // A line break belongs to the delimiter that follows it: here the blank line has taken it.
        { Open + "--b--\r\n", "FormMalformed" },

        // A line feed alone, or a carriage return alone, is no line break.
        { Open + "x\n--b--\r\n", "FormMalformed" },
        { Open + "x\n--b--\n", "FormMalformed" },
        { Open + "x\r--b--\r", "FormMalformed" },
        { "--b\nContent-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\n\nx\n--b--\n", "FormMalformed" },
        { "--b\n" + Head + "x\r\n--b--\r\n", "FormMalformed" },
        { "--b\r" + Head + "x\r\n--b--\r\n", "FormMalformed" },
        { "--b\r\rContent-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\r\nx\r\n--b--\r\n", "FormMalformed or FormTooComplex" },

        // A delimiter in the place of a head.
        { "--b\r\n" + Open + "x\r\n--b--\r\n", "FormMalformed or FormTooComplex" },
        { "--b\r\n--b--\r\n", "FormMalformed or FormTooComplex" },
        { "--b\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n--b--\r\n", "FormMalformed or FormTooComplex" },

        // Closed with something behind the closing: neither an end nor a beginning.
        { Open + "x\r\n--b--x\r\n", "FormMalformed" },
        { Open + "x\r\n--b-- x\r\n", "FormMalformed" },
        { Open + "x\r\n--b---\r\n", "FormMalformed" },
        { Open + "x\r\n--b - -\r\n", "FormMalformed" },

        // Lines that begin with the delimiter and go on: RFC 2046 takes them for a delimiter, others for content. Nobody may guess.
        { "--bX\r\n" + Open + "x\r\n--b--\r\n", "FormMalformed or FormTooComplex" },
        { Open + "x\r\n--bX\r\ny\r\n--b--\r\n", "FormMalformed or FormTooComplex" },
        { Open + "x\r\n--bX\r\n" + Head + "y\r\n--b--\r\n", "FormMalformed" },
        { Open + "x\r\n--b-\r\n" + Head + "y\r\n--b--\r\n", "FormMalformed" },
        { Open + "x\r\n--b-X\r\n" + Head + "y\r\n--b--\r\n", "FormMalformed" },
        { Open + "x\r\n--b\0\r\n" + Head + "y\r\n--b--\r\n", "FormMalformed" },
        { Open + "x\r\n--bb--\r\n", "FormMalformed" },
        { Open + "x\r\n--b -- \t\r\n", "FormMalformed" },

        // White space of other kinds is no padding, and a line ends with one carriage return and one line feed.
        { "--b\r\r\n" + Head + "x\r\n--b--\r\n", "FormMalformed" },
        { "--b\v\f\r\n" + Head + "x\r\n--b--\r\n", "FormMalformed" },
        { "--b\u00A0\r\n" + Head + "x\r\n--b--\r\n", "FormMalformed" },
        { "--b\nX: y\r\n" + Head + "x\r\n--b--\r\n", "FormMalformed" },
    };

    /// <summary>Boundaries as they stand in the request's type: the shortest, the longest, every character that RFC 2046 allows.</summary>
    public static TheoryData<string> Boundaries => new()
    {
        "b",
        "-",
        "--",
        "-----------------------------9051914041544843365972754266",
        "aab",
        "abab",
        "----a----a",
        "0123456789012345678901234567890123456789012345678901234567890123456789",
        "------------------------------------------------------------------1234",
        "'+_.",
        "\"'()+_,-./:=?\"",
        "\"a b\"",
        "\" a\"",
        "\"----=_Part_5_1.2:3\"",
    };

    /// <summary>Content that comes near to a delimiter, <c>B</c> standing for the boundary.</summary>
    private static readonly string[] LookAlikes =
    [
        "",
        "B",
        "--B",
        "--B--",
        "--B--\r\n",
        "\n--B\n",
        "\n--B--\n",
        "\r--B\r\n",
        "\n\r--B\r\n",
        "\r\n-B\r\n",
        "\r\nB--\r\n",
        "\r\n --B\r\n",
        "\r\n\t--B--\r\n",
        "\r\n-",
        "\r\n-\r\n",
        "\r\n--",
        "\r\n--\r\n",
        "\r\n---",
        "\r\n\r\n-",
        "\r\n\r\r\n-",
        "\r",
        "\r\r\r\r",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "-",
        "------------------------------------------------------------------------------------------",
        "\0\0\0\u00FF",
        "\r\nContent-Disposition: form-data; name=\"img\"; filename=\"b.jpg\"\r\n\r\nother",
    ];

    [Theory]
    [MemberData(nameof(GoodForms))]
    public async Task A_good_form_is_read_as_it_stands_and_never_passes_cut(string form, string expected)
    {
        await FormReadingArrivals.ShouldBeReadAsAsync("b", form, expected);
        await FormReadingArrivals.ShouldNeverPassCutAsync("b", form);
    }

    [Theory]
    [MemberData(nameof(BadForms))]
    public Task What_is_no_form_is_refused(string form, string expected) => FormReadingArrivals.ShouldBeReadAsAsync("b", form, expected);

    [Theory]
    [MemberData(nameof(Boundaries))]
    public async Task Content_that_is_nearly_a_delimiter_stays_content(string written)
    {
        var boundary = written.Trim('"');
        var delimiter = "\r\n--" + boundary;

        // The delimiter without its last character, once, again and again, and up against the true one.
        var most = delimiter[..^1];
        string[] contents = [.. LookAlikes.Select(text => text.Replace("B", boundary, StringComparison.Ordinal)), most, most + most, most + "\r\n", "\r\n\r\n--" + boundary[..^1], "\r" + most, most + "\r", most + "\0"];

        foreach (var content in contents)
        {
            // What the content's end makes of the delimiter behind it is another matter: with "-", a line of three is one.
            var form = $"--{boundary}\r\n{Head}{content}{delimiter}\r\n{Head}y{delimiter}--\r\n";
            if ((content + delimiter).IndexOf(delimiter, StringComparison.Ordinal) != content.Length)
                continue;

            var start = form.IndexOf(Head, StringComparison.Ordinal) + Head.Length;
            await FormReadingArrivals.ShouldBeReadAsAsync(
                written, form, $"a.jpg:{content}|a.jpg:y", (start - 1)..(start + content.Length + delimiter.Length + 3));
        }

        await FormReadingArrivals.ShouldNeverPassCutAsync(written, $"--{boundary}\r\n{Head}x{most}{delimiter}--\r\nx");
    }

    [Fact]
    public async Task A_form_inside_a_file_stays_that_files_content()
    {
        const string inner = "--inner\r\nContent-Disposition: form-data; name=\"img\"; filename=\"b.jpg\"\r\n\r\ny\r\n--inner--\r\n";
        const string head = "--outer\r\nContent-Disposition: form-data; name=\"img\"; filename=\"m.eml\"\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n";

        await FormReadingArrivals.ShouldBeReadAsAsync("outer", $"{head}{inner}\r\n--outer--\r\n", "m.eml:" + inner);
        await FormReadingArrivals.ShouldNeverPassCutAsync("outer", $"{head}{inner}\r\n--outer--\r\n");
    }

    [Fact]
    public async Task Several_files_in_one_part_are_no_file()
    {
        // Gone since RFC 7578 (4.3): the part itself has no file name, so it is a text.
        const string mixed = "--b\r\nContent-Disposition: form-data; name=\"N\"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
            + "--c\r\nContent-Disposition: file; filename=\"f\"\r\n\r\ny\r\n--c--\r\n\r\n--b--\r\n";

        await FormReadingArrivals.ShouldBeReadAsAsync("b", mixed.Replace("\"N\"", "\"files\"", StringComparison.Ordinal), "FormContradictory");
        await FormReadingArrivals.ShouldBeReadAsAsync("b", mixed.Replace("\"N\"", "\"x\"", StringComparison.Ordinal), "");
    }

    [Fact]
    public async Task A_delimiter_may_lie_across_the_end_of_the_readers_buffer_at_every_offset()
    {
        // Where the readers' buffers end: a page, a block of the pool, the reader's own.
        foreach (var buffer in new[] { 4 * 1024, 16 * 1024, 64 * 1024 })
        {
            var longest = new byte[buffer + 64];
            new Random(20260105).NextBytes(longest);

            for (var length = buffer - 192; length < longest.Length; length++)
            {
                var content = longest.AsMemory(0, length).ToArray();
                var read = await FormReadingResult.OfAsync(new Form().File("img", "a.jpg", content).File("img", "b.jpg", [1, 2, 3]).ToBytes());

                read.Files[0].AsSpan().SequenceEqual(content).Should().BeTrue("of {0} bytes", length);
                read.Files[1].Should().Equal(1, 2, 3);
            }
        }
    }

    [Fact]
    public async Task A_file_that_is_not_taken_whole_is_passed_over()
    {
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("\r\n--\r\n", 5_000)));
        var form = new Form().File("img", "a.jpg", content).Field("imageClassId", "7").File("img", "b.jpg", [1, 2, 3]).ToBytes();

        foreach (var size in new[] { 1000, form.Length })
        {
            var read = await FormReadingResult.OfFirstBytesAsync(new FormReadingBody(form, size), 10);

            read.Refusal.Should().BeNull();
            read.Files.Should().HaveCount(2);
            read.Files[0].Should().Equal(content[..10]);
            read.Files[1].Should().Equal(1, 2, 3);
            read.ClassId.Should().Be(7);
        }
    }
}
