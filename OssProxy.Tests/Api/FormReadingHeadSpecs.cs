namespace OssProxy.Tests.Api;

/// <summary>The heads of parts: what is read from them, and what is refused because two readers may read it in two ways.</summary>
public sealed class FormReadingHeadSpecs
{
    private const string Malformed = "FormMalformed or FormTooComplex";

    /// <summary>Heads of a part whose content is <c>x</c>, as clients write them.</summary>
    public static TheoryData<string, string> GoodHeads => new()
    {
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n", "a.jpg:x" },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n", "a.jpg:x" },
        { "content-type: image/jpeg\r\ncontent-disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\ncontent-length: 1\r\n", "a.jpg:x" },
        { "content-disposition:form-data;name=img;filename=a.jpg\r\n", "a.jpg:x" },
        { "CONTENT-DISPOSITION: \tForm-Data ;\tNAME = \"img\" ; FileName = \"a.jpg\" \t\r\n", "a.jpg:x" },
        { "Content-Disposition: form-data; filename=\"a.jpg\"; name=\"img\"\r\n", "a.jpg:x" },
        { "Content-Disposition: form-data; name=\"img\"; size=1; x=\"y;z=\\\"\"; filename=\"a.jpg\";\r\n", "a.jpg:x" },
        { "Content-Disposition: form-data; name=\"\"; filename=\"a.jpg\"\r\n", "a.jpg:x" },
        { "Content-Disposition: form-data; name=\"any \u00E5\u009B\u00BE\"; filename=\"a.jpg\"\r\n", "a.jpg:x" },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX:\r\nY: a:b:c\r\nZ: \u00E5\u009B\u00BE \u00CD\u00BC\r\n", "a.jpg:x" },

        // Encodings and lengths of parts are gone since RFC 7578 (4.7): the bytes are the bytes.
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nContent-Transfer-Encoding: base64\r\n", "a.jpg:x" },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nContent-Length: 1000000\r\n", "a.jpg:x" },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nContent-Encoding: gzip\r\n", "a.jpg:x" },

        // Texts.
        { "Content-Disposition: form-data; name=\"x\"\r\n", "" },
        { "Content-Disposition: form-data; name=\"x\"\r\nContent-Type: text/plain; charset=utf-8\r\n", "" },
        { "Content-Disposition: form-data; name=\"img\"\r\n", "FormContradictory" },
        { "Content-Disposition: form-data; name=\"imageClassId\"; filename=\"a.jpg\"\r\n", "FormContradictory" },
        { "Content-Disposition: form-data; name=\"token\"; filename*=UTF-8''a.jpg\r\n", "FormContradictory" },
    };

    public static TheoryData<string, string> BadHeads => new()
    {
        // Folded lines are gone since RFC 9112; half of the parsers take them for a header of their own.
        { "Content-Disposition: form-data; name=\"img\";\r\n filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\";\r\n\tfilename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\";\r\n filename=\"a:b.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"x\"\r\n\tfold: x\r\n", Malformed },
        { " Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n X: y\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n \r\n", Malformed },

        // Control characters.
        { "Content-Disposition: form-data; name=\"i\0mg\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a\0.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a\u0001.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a\u007F.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX-\0: 1\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nContent-Type: a\0b\r\n", Malformed },
        { "\0Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },
        { "\u00EF\u00BB\u00BFContent-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },

        // Line breaks that are none.
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX: a\nY: b\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX: a\rY: b\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\n\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n\r", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\nX: y\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a\r\n.jpg\"\r\n", Malformed },

        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX: 1\r\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\v\r\n", Malformed },
        { "Content-Disposition:\u00C2\u0085form-data; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },

        // Lines that are no headers.
        { "no colon\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n", "FormMalformed" },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nno colon\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX : 1\r\n", Malformed },
        { "Content-Disposition : form-data; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n: 1\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nX Y: 1\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n\u00E5\u009B\u00BE: 1\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n\"X\": 1\r\n", Malformed },

        // Said twice.
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\nContent-Disposition: form-data; name=\"x\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\ncontent-disposition: form-data; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; name=\"x\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\"; FileName=\"b.html\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename*=UTF-8''a.jpg; filename*=UTF-8''b.html\r\n", Malformed },
        { "Content-Disposition: form-data, form-data; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },

        { "Content-Disposition: form-data; name=\"img\"; name*=UTF-8''imageClassId; filename=\"a.jpg\"\r\n", "FormMalformed" },
        { "Content-Disposition: form-data; NAME*=UTF-8''img; name=\"x\"\r\n", "FormMalformed" },

        // Said wrongly, or not at all.
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a\"b.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=a b.jpg\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\" filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\" x\r\n", Malformed },
        { "Content-Disposition: form-data; name=\"img\"; filename=\"a.jpg\", x\r\n", Malformed },
        { "Content-Disposition: form-data x; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: \"form-data\"; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: attachment; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: file; name=\"img\"; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data; name*=UTF-8''img; filename=\"a.jpg\"\r\n", Malformed },
        { "Content-Disposition: form-data\r\n", Malformed },
        { "Content-Disposition:\r\n", Malformed },
        { "Content-Type: image/jpeg\r\n", Malformed },
        { "", Malformed },
    };

    /// <summary>File names as clients write them.</summary>
    public static TheoryData<string, string> FileNames => new()
    {
        { "filename=a.jpg", "a.jpg" },
        { "filename='a.jpg'", "'a.jpg'" },
        { "filename=\"a b;c=d, e.jpg\"", "a b;c=d, e.jpg" },
        { "filename=\"a; name=imageClassId\"", "a; name=imageClassId" },
        { "filename=\"a%22b%0D%0A.jpg\"", "a%22b%0D%0A.jpg" },
        { "filename=\"a\tb.jpg\"", "ab.jpg" },
        { "filename=\"a\\\"b.jpg\"", "a\"b.jpg" },
        { "filename=\"\\\"\\\"\"", "\"\"" },
        { "filename=\"C:\\me\\a\\\"b.jpg\"", "a\"b.jpg" },

        // Paths: Internet Explorer sends them, bare or in quoted pairs.
        { "filename=\"C:\\Users\\me\\a.jpg\"", "a.jpg" },
        { "filename=\"C:\\\\Users\\\\me\\\\a.jpg\"", "a.jpg" },
        { "filename=\"\\\\server\\share\\a.jpg\"", "a.jpg" },
        { "filename=\"C:\\\u00E5\u009B\u00BE\\a.jpg\"", "a.jpg" },
        { "filename=\"/etc/../a.jpg\"", "a.jpg" },
        { "filename=\"..\\..\\a.jpg\"", "a.jpg" },
        { "filename=\"/\"", "(none)" },
        { "filename=\" \"", "(none)" },
        { "filename=\"\"", "(none)" },

        // UTF-8 as it is: Chinese, an emoji, 253 bytes; a character that turns the direction of writing.
        { "filename=\"\u00E5\u009B\u00BE.jpg\"", "图.jpg" },
        { "filename=\"\u00F0\u009F\u0098\u0080.jpg\"", "😀.jpg" },
        { "filename=\"" + string.Concat(Enumerable.Repeat("\u00E5\u009B\u00BE", 83)) + ".jpg\"", new string('图', 83) + ".jpg" },
        { "filename=\"" + string.Concat(Enumerable.Repeat("\u00E5\u009B\u00BE", 85)) + "\"", new string('图', 85) },
        { "filename=\"a\u00E2\u0080\u00AEgpj.exe\"", "agpj.exe" },

        // GBK, as old desktop clients send it: characters whose last byte is a backslash, a bar or a brace, before a quote and before a
        // quoted pair; the euro sign; one that in UTF-8 would begin with a control character; four bytes of GB 18030.
        { "filename=\"\u00D6\u00D0\u00CE\u00C4.jpg\"", "中文.jpg" },
        { "filename=\"\u00D5\u005C\"", "誠" },
        { "filename=\"\u00D5\u005C\"; x=\"y\"", "誠" },
        { "filename=\"\u00D5\u005C\\\"\u00D5\u005C.jpg\"", "誠\"誠.jpg" },
        { "filename=\"\u0097\u007C\u0084\u007B.jpg\"", "梶剓.jpg" },
        { "filename=\"C:\\me\\\u00D5\u005C\u00CE\u00C4.jpg\"", "誠文.jpg" },
        { "filename=\"\u00A2\u00E3.jpg\"", "€.jpg" },
        { "filename=\"\u00C1\u00AA\u00CD\u00A8.jpg\"", "联通.jpg" },
        { "filename=\"C:\\\u00CE\u00C4\\a.jpg\"", "a.jpg" },
        { "filename=\"\u00C2\u0085\u00D6\u00D0.jpg\"", "聟中.jpg" },
        { "filename=\"\u0081\u0039\u00EF\u0030.jpg\"", "㐁.jpg" },
        { "filename=\"b.jpg\"; x=\"\u00D6\u00D0\"; filename*=UTF-8''%e5%9b%be.jpg", "图.jpg" },

        // Bytes that are valid in both are UTF-8.
        { "filename=\"\u00C3\u00A9.jpg\"", "é.jpg" },
        { "filename=\"\u00E5\u009B\u00BE\u00E5\u009B\u00BE.jpg\"", "图图.jpg" },

        // Neither: what is not readable is left out, and no byte that is a quote is taken for the end of a character.
        { "filename=\"\u00FF\u00FEa.jpg\"", "a.jpg" },
        { "filename=\"a\u00E9.jpg\"", "a.jpg" },
        { "filename=\"a\u00D6\"", "a" },
        { "filename=\"\u0081\u0030\u0081\u0030.jpg\"", "00.jpg" },
        { "filename=\"\u00D6\u00D0\u00FF.jpg\"", ".jpg" },

        // RFC 5987, as browsers and HTTP libraries write it, and as they write it wrongly.
        { "filename*=UTF-8''%e5%9b%be.jpg", "图.jpg" },
        { "filename*=utf-8'zh-CN'%E5%9B%BE.jpg", "图.jpg" },
        { "filename*=iso-8859-1''caf%e9.jpg", "café.jpg" },
        { "filename=\"b.jpg\"; filename*=UTF-8''%e5%9b%be.jpg", "图.jpg" },
        { "filename*=UTF-8''%e5%9b%be.jpg; filename=\"b.jpg\"", "图.jpg" },
        { "filename=\"\"; filename*=UTF-8''a.jpg", "a.jpg" },
        { "filename*=UTF-8''..%2f..%5cx.jpg", "x.jpg" },
        { "filename*=UTF-8''a%00%0d%0ab.jpg", "ab.jpg" },
        { "filename*=utf-7''+AGE-.jpg; filename=\"a.jpg\"", "a.jpg" },
        { "filename*=none''a; filename=a.jpg", "a.jpg" },
        { "filename*=UTF-8'a.jpg; filename=\"b.jpg\"", "b.jpg" },
        { "filename*=a.jpg; filename=\"b.jpg\"", "b.jpg" },
        { "filename*=; filename=\"b.jpg\"", "b.jpg" },
        { "filename*=''; filename=a.jpg", "a.jpg" },
        { "filename*=UTF-8''%zz.jpg; filename=\"b.jpg\"", "b.jpg" },
        { "filename=\"b.jpg\"; filename*=UTF-8''a%5.jpg", "b.jpg" },
        { "filename*=UTF-8''%e5%9; filename=\"b.jpg\"", "b.jpg" },
        { "filename*=UTF-8''a%; filename=\"b.jpg\"", "b.jpg" },
        { "filename*=UTF-8''%ff%fe.jpg; filename=\"b.jpg\"", "b.jpg" },
        { "filename*=UTF-8''100%25.jpg; filename=\"b.jpg\"", "100%.jpg" },
        { "filename*=\"UTF-8''a.jpg\"; filename=\"b.jpg\"", "b.jpg" },

        // RFC 2047: old mail libraries.
        { "filename=\"=?UTF-8?B?5Zu+LmpwZw==?=\"", "图.jpg" },
        { "filename=\"=?utf-7?B?YS5qcGc=?=\"", "=?utf-7?B?YS5qcGc=?=" },
        { "filename=\"=?UTF-8?B?!!!?=\"", "=?UTF-8?B?!!!?=" },
    };

    /// <summary>File names whose content is to be kept, whatever they are called: broken escapes, foreign encodings.</summary>
    public static TheoryData<string> StrangeNames => new()
    {
        // Chinese in GBK; the second has a backslash for its last byte. Then one byte of two.
        "filename=\"\u00D6\u00D0\u00CE\u00C4.jpg\"",
        "filename=\"\u00D5\u005C.jpg\"",
        "filename=\"\u00D6\u00D0\u00CE\"",
        "filename*=gbk''%D6%D0.jpg",
        "filename*=gbk''%D6%D0.jpg; filename=\"b.jpg\"",
        "filename=\"=?gbk?B?1tDOxC5qcGc=?=\"",
        "filename=\"a\\b\\\\c.jpg\"",
        "filename=\"\u00FF\u00FE\u0080.jpg\"",
        "filename*=UTF-8''%zz.jpg",
        "filename*=UTF-8''%e5%9",
        "filename*=UTF-8''%",
        "filename*=UTF-8''%ff%fe.jpg",
        "filename*=utf-7''a.jpg",
        "filename*=none''a.jpg",
        "filename*=\"UTF-8''a.jpg\"",
        "filename=\"\u00ED\u00A0\u0080.jpg\"",
    };

    /// <summary>Names that turn a text into no file.</summary>
    public static TheoryData<string> ContinuedNames => new()
    {
        "filename*0=\"a\"; filename*1=\".jpg\"",
        "filename*0*=UTF-8''a; filename*1=.jpg",
        "file=\"a.jpg\"",
        "xfilename=\"a.jpg\"",
        "x=\"filename=a.jpg\"",
        "x=\"; filename=a.jpg\"",
        "x=\"\\\"; filename=a.jpg\"",
    };

    [Theory]
    [MemberData(nameof(GoodHeads))]
    public async Task A_head_as_clients_write_it_is_read(string head, string expected)
    {
        var form = $"--b\r\n{head}\r\nx\r\n--b--\r\n";

        await FormReadingArrivals.ShouldBeReadAsAsync("b", form, expected);
        if (!expected.StartsWith("Form", StringComparison.Ordinal))
            await FormReadingArrivals.ShouldNeverPassCutAsync("b", form);
    }

    [Theory]
    [MemberData(nameof(BadHeads))]
    public async Task A_head_that_can_be_read_two_ways_is_refused(string head, string expected)
    {
        const string text = "--b\r\nContent-Disposition: form-data; name=\"imageClassId\"\r\n\r\n7\r\n";

        await FormReadingArrivals.ShouldBeReadAsAsync("b", $"--b\r\n{head}\r\nx\r\n--b--\r\n", expected);
        await FormReadingArrivals.ShouldBeReadAsAsync("b", $"{text}--b\r\n{head}\r\nx\r\n--b--\r\n", expected);
        await FormReadingArrivals.ShouldBeReadAsAsync("b", $"--b\r\n{head}\r\n\r\n--b--\r\n", expected);
    }

    [Theory]
    [MemberData(nameof(FileNames))]
    public Task A_file_has_the_name_that_was_meant(string parameter, string expected) =>
        FormReadingArrivals.ShouldBeReadAsAsync("b", PartOf(parameter), expected + ":x");

    [Theory]
    [MemberData(nameof(StrangeNames))]
    public async Task A_name_that_nobody_can_read_costs_no_byte_of_the_file(string parameter)
    {
        foreach (var size in new[] { 1, 1000 })
        {
            var read = await FormReadingResult.TryAsync(new FormReadingBody(Latin1(PartOf(parameter)), size), FormReadingArrivals.TypeOf("b"));

            read.Refusal.Should().BeNull();
            read.Files.Single().Should().Equal((byte)'x');
            (read.Names.Single() ?? "").Should().NotContainAny("/", "\\", "\uFFFD", "\r", "\n");
        }
    }

    [Theory]
    [MemberData(nameof(ContinuedNames))]
    public async Task A_part_without_filename_is_a_text(string parameter) =>
        await FormReadingArrivals.ShouldBeReadAsAsync("b", PartOf(parameter), "FormContradictory");

    private static string PartOf(string parameter) =>
        $"--b\r\nContent-Disposition: form-data; name=\"img\"; {parameter}\r\n\r\nx\r\n--b--\r\n";

    private static byte[] Latin1(string text) => System.Text.Encoding.Latin1.GetBytes(text);
}
