using System.Text;

namespace OssProxy.Tests.Api;

/// <summary>How much a form may hold: the last that is taken, the first that is not, and how early that is known.</summary>
public sealed class FormReadingLimitSpecs
{
    private const string Disposition = "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n";
    private const string End = "--b--\r\n";

    // More than a reader looks at before it can know that a limit is passed: its own buffer twice, and a field.
    private const int LookAhead = 256 * 1024;

    /// <summary>Endless in one way or another: a start, and what is repeated behind it.</summary>
    public static TheoryData<string, string> Endless => new()
    {
        // 100,000 parts of every kind (CVE-2023-24536 and its kin).
        { "", "--b\r\n\r\n\r\n" },
        { "", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n" },
        { "", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nsame\r\n" },
        { "", "--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"\"\r\n\r\n\r\n" },
        { "", "--b\r\nContent-Disposition: form-data; name=\"img\"; filename=\"\"\r\n\r\n\r\n" },

        // A preamble, padding, a head, a name, a value.
        { "", "x" },
        { "", "\r\n" },
        { "", "\r" },
        { "", "-" },
        { "", "\r\n--" },
        { "", "\r\n--a" },
        { "--b", " " },
        { "--b", "\t" },
        { "--b", "\r" },
        { "--b", "x" },
        { "--b\r\n", "x" },
        { "--b\r\n", "\r" },
        { "--b\r\n", "\n" },
        { "--b\r\n", "X: y\r\n" },
        { "--b\r\n", "X:\r\n" },
        { "--b\r\n", "x\r\n" },
        { "--b\r\nX: ", "y" },
        { "--b\r\nX: ", "\r" },
        { "--b\r\nX: y", "\r\n " },
        { "--b\r\nContent-Disposition: form-data; name=\"", "x" },
        { "--b\r\nContent-Disposition: form-data; name=\"x", "\\" },
        { "--b\r\nContent-Disposition: form-data; name=\"img\"; filename=\"", "x" },
        { "--b\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"", "; x=y" },
        { "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n", "v" },
        { "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n", "\r\n--" },
        { "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n", "\r\n--a" },

        // Behind the end.
        { "--b--", " " },
        { "--b--", "\r" },
        { "--b--\r\n", "x" },
        { "--b--\r\n", "--b\r\n\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task What_never_ends_is_refused_before_it_has_been_read(string start, string repeated)
    {
        var count = Math.Max(100_000, 1024 * 1024 / repeated.Length);
        var form = Encoding.Latin1.GetBytes(start + string.Concat(Enumerable.Repeat(repeated, count)) + "\r\n" + End);

        // Counted in bytes taken from the connection rather than in time, so that it holds on any machine.
        foreach (var size in new[] { form.Length, 16 * 1024, 1000, 37 })
        {
            var body = new FormReadingBody(form, size);
            var read = await FormReadingResult.TryAsync(body, FormReadingArrivals.TypeOf("b"));

            read.ToString().Should().BeOneOf("FormTooComplex", "FormMalformed");
            body.Delivered.Should().BeLessThan(LookAhead, "in pieces of {0}", size);
        }
    }

    [Theory]
    [InlineData(16, "a.jpg:x")]
    [InlineData(17, "FormTooComplex")]
    public Task A_head_has_sixteen_headers_at_most(int headers, string expected) =>
        FormReadingArrivals.ShouldBeReadAsAsync(
            "b", $"--b\r\n{Disposition}{string.Concat(Enumerable.Range(1, headers - 1).Select(i => $"X-{i}: 1\r\n"))}\r\nx\r\n{End}", expected);

    [Theory]
    [InlineData(16_000, "a.jpg:x")]
    [InlineData((16 * 1024) + 100, "FormTooComplex")]
    public async Task A_head_has_sixteen_kibibytes_at_most(int bytes, string expected)
    {
        string One(string rest) => $"--b\r\n{Disposition}{rest}\r\nx\r\n{End}";
        var left = bytes - Disposition.Length;

        await FormReadingArrivals.ShouldBeReadAsAsync("b", One($"X: {new string('x', left - 5)}\r\n"), expected);
        await FormReadingArrivals.ShouldBeReadAsAsync("b", One(string.Concat(Enumerable.Repeat($"X: {new string('x', (left / 10) - 5)}\r\n", 10))), expected);
        await FormReadingArrivals.ShouldBeReadAsAsync(
            "b", $"--b\r\n{Disposition[..^3]}{new string('x', left)}\"\r\n\r\nx\r\n{End}".Replace("a.jpgx", "a.jpg/x", StringComparison.Ordinal),
            expected == "a.jpg:x" ? new string('x', 120) + ":x" : expected);
    }

    [Fact]
    public async Task A_head_at_its_limit_is_judged_alike_however_it_arrives()
    {
        for (var beyond = -5; beyond <= 5; beyond++)
        {
            var left = (16 * 1024) + beyond - Disposition.Length - "X: ".Length;
            await FormReadingArrivals.ShouldBeReadAsAsync(
                "b", $"--b\r\n{Disposition}X: {new string('x', left)}\r\n\r\nx\r\n{End}", beyond <= 0 ? "a.jpg:x" : "FormTooComplex");
        }
    }

    [Theory]
    [InlineData(128, "a.jpg:x")]
    [InlineData(129, "FormTooComplex")]
    public async Task A_delimiter_has_a_hundred_and_twenty_eight_blanks_behind_it_at_most(int blanks, string expected)
    {
        var padding = new string(' ', blanks - 1) + "\t";

        await FormReadingArrivals.ShouldBeReadAsAsync("b", $"--b{padding}\r\n{Disposition}\r\nx\r\n{End}", expected);
        await FormReadingArrivals.ShouldBeReadAsAsync("b", $"--b\r\n{Disposition}\r\nx\r\n--b--{padding}\r\n", expected);
        await FormReadingArrivals.ShouldBeReadAsAsync("b", $"--b\r\n{Disposition}\r\nx\r\n--b--{padding}", expected);
        await FormReadingArrivals.ShouldBeReadAsAsync(
            "b", $"--b\r\n{Disposition}\r\nx\r\n--b{padding}\r\n{Disposition}\r\ny\r\n{End}",
            expected == "a.jpg:x" ? "a.jpg:x|a.jpg:y" : expected);
    }

    [Theory]
    [InlineData(16 * 1024, "a.jpg:x")]
    [InlineData((16 * 1024) + 1, "FormTooComplex")]
    public async Task Around_a_form_there_are_sixteen_kibibytes_at_most(int bytes, string expected)
    {
        var form = $"--b\r\n{Disposition}\r\nx\r\n--b--";

        await FormReadingArrivals.ShouldBeReadAsAsync("b", new string('p', bytes) + "\r\n" + form, expected);
        await FormReadingArrivals.ShouldBeReadAsAsync("b", form + "\r\n" + new string('e', bytes - 2), expected);
    }

    [Theory]
    [InlineData(32, "")]
    [InlineData(33, "FormTooComplex")]
    public Task A_form_has_thirty_two_fields_at_most(int fields, string expected) =>
        FormReadingArrivals.ShouldBeReadAsAsync("b", string.Concat(Enumerable.Range(0, fields).Select(i => Text("f" + i, "v"))) + End, expected);

    [Theory]
    [InlineData(256, "")]
    [InlineData(257, "FormTooComplex")]
    public Task A_form_has_two_hundred_and_fifty_six_parts_at_most(int parts, string expected) =>
        FormReadingArrivals.ShouldBeReadAsAsync(
            "b", string.Concat(Enumerable.Repeat("--b\r\nContent-Disposition: form-data; name=\"img\"; filename=\"\"\r\n\r\n\r\n", parts)) + End, expected);

    [Theory]
    [InlineData(28 * 1024, "")]
    [InlineData((28 * 1024) + 1, "FormTooComplex")]
    public Task All_fields_together_have_128_kibibytes_at_most(int bytes, string expected) =>
        FormReadingArrivals.ShouldBeReadAsAsync(
            "b", Text("x", new string('v', 100 * 1024)) + Text("y", new string('v', bytes)) + End, expected);

    [Theory]
    [InlineData(100 * 1024, "")]
    [InlineData((100 * 1024) + 1, "FormTooComplex")]
    [InlineData(4 * 1024 * 1024, "FormTooComplex")]
    public Task A_field_has_a_hundred_kibibytes_at_most(int bytes, string expected) =>
        FormReadingArrivals.ShouldBeReadAsAsync("b", Text("x", new string('v', bytes)) + End, expected);

    [Theory]
    [InlineData(100, "")]
    [InlineData(101, "FormTooComplex")]
    public async Task A_fields_name_has_a_hundred_bytes_at_most(int bytes, string expected)
    {
        await FormReadingArrivals.ShouldBeReadAsAsync("b", Text(new string('n', bytes), "v") + End, expected);

        // In bytes of UTF-8, not in characters.
        var chinese = string.Concat(Enumerable.Repeat("\u00E5\u009B\u00BE", bytes / 3)) + new string('n', bytes % 3);
        await FormReadingArrivals.ShouldBeReadAsAsync("b", Text(chinese, "v") + End, expected);
    }

    /// <summary>Fields as they are sent, and the class that they name.</summary>
    public static TheoryData<string, string> Fields => new()
    {
        { Text("imageClassId", "7"), "class:7" },
        { Text("image_class_id", "7"), "class:7" },
        { Text("imageClassId", "007"), "class:7" },
        { Text("imageClassId", "9223372036854775807"), "class:9223372036854775807" },
        { Text("imageClassId", "9223372036854775808"), "" },
        { Text("imageClassId", ""), "" },
        { Text("imageClassId", "-7"), "" },
        { Text("imageClassId", " 7"), "" },
        { Text("imageClassId", "7\r\n"), "" },
        { Text("imageClassId", "7\0"), "" },
        { Text("imageClassId", "7\0\0"), "" },
        { Text("imageClassId", "\r\n7"), "" },
        { Text("imageClassId", "\u00EF\u00BB\u00BF7"), "" },
        { Text("imageClassId", "\u00D9\u00A7"), "" },
        { Text("imageclassid", "7"), "" },
        { Text("imageClassId", "") + Text("image_class_id", "7"), "class:7" },
        { Text("imageClassId", "7") + Text("imageClassId", "7"), "class:7" },
        { Text("imageClassId", "7") + Text("imageClassId", "8"), "FormContradictory" },
        { Text("imageClassId", "7") + Text("imageClassId", "07"), "FormContradictory" },
        { Text("imageClassId", "7") + Text("image_class_id", "7"), "class:7" },
        { Text("image_class_id", "7") + Text("imageClassId", ""), "class:7" },
        { Text("imageClassId", "7") + Text("image_class_id", "8"), "FormContradictory" },
        { Text("image_class_id", "8") + Text("imageClassId", "7"), "FormContradictory" },
        { Text("imageClassId", "7") + Text("image_class_id", "07"), "class:7" },
        { Text("imageClassId", "7") + Text("image_class_id", "all"), "class:7" },
        { Text("x", "\r\n-") + Text("x", "\r\n-"), "" },
        { Text("x", "\r\n-") + Text("x", "\r\n"), "FormContradictory" },
        { Text("x", "\r\n--") + Text("x", "\r\n--a"), "FormContradictory" },
        { Text("x", "") + Text("x", "\r"), "FormContradictory" },
        { Text("x", "") + Text("X", "\r"), "" },
        { Text("x", "\u00E5\u009B\u00BE") + Text("x", "\u00E5\u009B\u00BF"), "FormContradictory" },
        { Text("x", "\u00D6\u00D0") + Text("x", "\u00CE\u00C4"), "FormContradictory" },
        { Text("img", "text"), "FormContradictory" },
        { Text("x", "y") + $"--b\r\n{Disposition}\r\nz\r\n" + Text("imageClassId", "7"), "a.jpg:z|class:7" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public Task A_field_is_what_was_sent_to_the_byte(string parts, string expected) =>
        FormReadingArrivals.ShouldBeReadAsAsync("b", parts + End, expected);

    private static string Text(string name, string value) => $"--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";
}
