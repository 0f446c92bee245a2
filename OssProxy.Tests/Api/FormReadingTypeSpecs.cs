namespace OssProxy.Tests.Api;

/// <summary>The request's <c>Content-Type</c>, which alone says where a form's parts end.</summary>
public sealed class FormReadingTypeSpecs
{
    private const string Form = "--b\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n\r\nx\r\n--b--\r\n";
    private const string Seventy = "0123456789012345678901234567890123456789012345678901234567890123456789";

    public static TheoryData<string> GoodTypes => new()
    {
        "multipart/form-data; boundary=b",
        "multipart/form-data;boundary=b",
        "multipart/form-data; boundary=\"b\"",
        "Multipart/Form-Data; BOUNDARY=b",
        "multipart/form-data; charset=utf-8; boundary=b",
        "multipart/form-data; boundary=b; charset=utf-8",
        "multipart/form-data \t;\t boundary = b ",
        "multipart/form-data; boundary=b;",
        "multipart/form-data; x=\"; boundary=c\"; boundary=b",
        "multipart/form-data; x=\"\\\"; boundary=c; \"; boundary=b",
    };

    public static TheoryData<string?, string> BadTypes => new()
    {
        { null, "NotMultipart" },
        { "", "NotMultipart" },
        { "multipart", "NotMultipart" },
        { "multipart/", "NotMultipart" },
        { "multipart/mixed; boundary=b", "NotMultipart" },
        { "multipart/*; boundary=b", "NotMultipart" },
        { "*/*; boundary=b", "NotMultipart" },
        { "multipart/form-data-x; boundary=b", "NotMultipart" },
        { "multipart/form-data/x; boundary=b", "NotMultipart" },
        { "application/x-www-form-urlencoded", "NotMultipart" },
        { "text/plain; x=multipart/form-data; boundary=b", "NotMultipart" },
        { "multipart/form-data", "FormMalformed" },
        { "multipart/form-data;", "FormMalformed" },
        { "multipart/form-data; boundary", "FormMalformed" },
        { "multipart/form-data; boundary=", "FormMalformed" },
        { "multipart/form-data; boundary=\"\"", "FormMalformed" },
        { "multipart/form-data; boundary*=UTF-8''b", "FormMalformed" },
        { "multipart/form-data; boundary*0=b", "FormMalformed" },
        { "multipart/form-data; xboundary=b", "FormMalformed" },
        { "multipart/form-data; boundary='b'", "FormMalformed" },

        // Which of the two would the next reader take?
        { "multipart/form-data; boundary=b; boundary=b", "FormMalformed" },
        { "multipart/form-data; boundary=b; boundary=c", "FormMalformed" },
        { "multipart/form-data; boundary=b; Boundary=\"c\"", "FormMalformed" },
        { "multipart/form-data; boundary=b, multipart/form-data; boundary=c", "FormMalformed or NotMultipart" },
        { "multipart/form-data, multipart/form-data; boundary=b", "FormMalformed or NotMultipart" },

        // Grammar broken inside the parameter.
        { "multipart/form-data boundary=b", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=\"b", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=b\"", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=b c", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=\"b\"c", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=b\0", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=b\r\nX: y", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=\"b\r\n--b\"", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=\"b\0\"", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=\"b\t\"", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=\"b \"", "FormMalformed" },
        { "multipart/form-data; boundary=\"\u00E5\u009B\u00BE\"", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=图", "FormMalformed or NotMultipart" },
        { "multipart/form-data; boundary=\"\u007F\"", "FormMalformed or NotMultipart" },

        // Longer than 70.
        { "multipart/form-data; boundary=" + Seventy + "0", "FormMalformed" },
        { "multipart/form-data; boundary=\"" + Seventy + "0\"", "FormMalformed" },
        { "multipart/form-data; boundary=" + Seventy + Seventy[..59], "FormMalformed" },
    };

    /// <summary>What makes a parser that goes back over what it has read take a time that grows with the square, or worse.</summary>
    public static TheoryData<string, string> Killers => new()
    {
        { "", " " },
        { "", ";" },
        { "", "; " },
        { "", "a=" },
        { "", "; a" },
        { "", "; a=b" },
        { "", "; a=\"" },
        { "a=\"", "\\\\" },
        { "a=\"", "\\\"" },
        { "a=\"", "\"" },
        { "a=\"", " \t" },
        { "filename*=", "'" },
        { "filename*=UTF-8''", "%" },
        { "filename*=UTF-8''", "%e5%9b%be" },
        { "filename=\"=?UTF-8?B?", "=?" },
        { "filename=\"", "../" },
        { "filename=\"", "%2e" },
        { "filename=\"", "\u00E2\u0080\u00AE" },
    };

    [Theory]
    [MemberData(nameof(GoodTypes))]
    public async Task A_form_is_known_by_its_type(string type) =>
        (await FormReadingResult.TryAsync(new FormReadingBody(Bytes(Form)), type)).ToString().Should().Be("a.jpg:x");

    [Theory]
    [MemberData(nameof(BadTypes))]
    public async Task A_type_that_names_no_boundary_is_refused(string? type, string expected) =>
        expected.Split(" or ").Should().Contain((await FormReadingResult.TryAsync(new FormReadingBody(Bytes(Form)), type!)).ToString());

    [Fact]
    public async Task A_boundary_that_is_not_that_of_the_body_finds_nothing()
    {
        foreach (var boundary in new[] { "bb", "B", "a", "\"-b\"", "\"b b\"" })
            await FormReadingArrivals.ShouldBeReadAsAsync(boundary, Form, "FormMalformed");
    }

    // Forty heads and forty types of 16 KiB each. In linear time this is some hundredths of a second; a parser that goes back over what it has
    // read takes 128 million steps for each.
    [Theory]
    [MemberData(nameof(Killers))]
    public async Task A_head_that_kills_careless_parsers_is_read_in_linear_time(string start, string piece)
    {
        const int Length = 16_000;
        const int Times = 40;
        var value = "form-data; name=\"img\"; " + start + string.Concat(Enumerable.Repeat(piece, Length / piece.Length));
        var form = Bytes($"--b\r\nContent-Disposition: {value[..Length]}\r\n\r\nx\r\n--b--\r\n");
        var type = "multipart/form-data; " + value[23..Length] + "; boundary=b";
        var began = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < Times; i++)
        {
            (await FormReadingResult.TryAsync(new FormReadingBody(form), FormReadingArrivals.TypeOf("b"))).Files.Count.Should().BeLessThan(2);
            (await FormReadingResult.TryAsync(new FormReadingBody(Bytes(Form)), type)).Files.Count.Should().BeLessThan(2);
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(10));
        }
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.Latin1.GetBytes(text);
}
