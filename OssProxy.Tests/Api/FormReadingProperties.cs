using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace OssProxy.Tests.Api;

/// <summary>What must hold for any form. Seeds are fixed, so that a failure comes again.</summary>
public sealed partial class FormReadingProperties
{
    private const string Delimiter = "\r\n--" + Form.Boundary;
    private const int Mutants = 10_000;

    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithMaxTest(700).WithEndSize(50).WithReplay(20260105, 7);

    // Pieces of delimiters, so that content comes near to one as often as it does not.
    private static readonly string[] Pieces =
        ["\r", "\n", "\r\n", "-", "--", "\r\n--", Form.Boundary, Form.Boundary[..^1], Form.Boundary[1..], Delimiter[..^1], "x", "\0", "\u00FF", ": ", "\""];

    private static readonly string[] Boundaries =
        [Form.Boundary, "b", "-", "--", "abab", "0123456789012345678901234567890123456789012345678901234567890123456789"];

    /// <summary>A form, and how it arrives and is taken.</summary>
    /// <param name="Boundary">The boundary.</param>
    /// <param name="Contents">What the parts hold; the even ones are files, the odd ones texts, each sent twice.</param>
    /// <param name="Around">Preamble and epilogue.</param>
    /// <param name="Sizes">The chunks in which it comes.</param>
    /// <param name="Reads">The buffers with which files are read, 0 among them.</param>
    /// <param name="Cut">Where it is cut, as a share of a thousand; beyond that it is whole.</param>
    public sealed record Arrival(string Boundary, string[] Contents, string[] Around, int[] Sizes, int[] Reads, int Cut)
    {
        // A line break, or the preamble's last line would be the delimiter's.
        private string Preamble => Around[0].Length == 0 ? "" : Around[0] + "\r\n";

        public string Text()
        {
            var form = new StringBuilder(Preamble);
            for (var i = 0; i < Contents.Length; i++)
            {
                var one = i % 2 == 0
                    ? $"--{Boundary}\r\nContent-Disposition: form-data; name=\"img\"; filename=\"{i}.jpg\"\r\n\r\n{Contents[i]}\r\n"
                    : $"--{Boundary}\r\nContent-Disposition: form-data; name=\"text{i}\"\r\n\r\n{Contents[i]}\r\n";
                form.Append(one).Append(i % 2 == 0 ? "" : one);
            }

            return form.Append(System.Globalization.CultureInfo.InvariantCulture, $"--{Boundary}--\r\n{Around[1]}").ToString();
        }

        /// <summary>Behind the closing delimiter.</summary>
        public int End() => Text().Length - Around[1].Length - 2;
    }

    [Fact]
    public void Any_form_cut_anywhere_and_arriving_anyhow_is_read_to_the_byte_or_refused() =>
        Prop.ForAll(
            Arrivals().ToArbitrary(),
            async arrival =>
            {
                var bytes = Encoding.Latin1.GetBytes(arrival.Text());
                var length = arrival.Cut > 1000 ? bytes.Length : bytes.Length * arrival.Cut / 1000;
                var body = new FormReadingBody(bytes[..length], arrival.Sizes);
                var files = arrival.Contents.Where((_, i) => i % 2 == 0).ToList();
                var whole = new FormReadingResult(
                    [.. files.Select(Encoding.Latin1.GetBytes)], [.. files.Select((_, i) => $"{i * 2}.jpg")], 0, files.Count, null);

                var read = await FormReadingResult.TryAsync(body, FormReadingArrivals.TypeOf(arrival.Boundary), arrival.Reads);

                if (length >= arrival.End())
                    read.ToString().Should().Be(whole.ToString());
                else
                    FormReadingArrivals.ShouldBeBeginningOf(read, whole, $"it ends at {length}");
            }).Check(Repeatable);

    [Fact]
    public void A_text_that_comes_again_with_one_byte_changed_is_another_text() =>
        Prop.ForAll(
            (from arrival in Arrivals() from at in Gen.Choose(0, 10_000) select (arrival, at)).ToArbitrary(),
            async given =>
            {
                var (arrival, at) = given;
                var text = arrival.Contents[0] + "end";
                var other = text.Remove(at % text.Length, 1).Insert(at % text.Length, text[at % text.Length] == '!' ? "?" : "!");
                string One(string value) => $"--{arrival.Boundary}\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n{value}\r\n";

                foreach (var (second, expected) in new[] { (text, ""), (other, "FormContradictory") })
                {
                    var form = Encoding.Latin1.GetBytes($"{One(text)}{One(second)}--{arrival.Boundary}--");
                    var read = await FormReadingResult.TryAsync(new FormReadingBody(form, arrival.Sizes), FormReadingArrivals.TypeOf(arrival.Boundary));
                    read.ToString().Should().Be(expected);
                }
            }).Check(Repeatable);

    [Fact]
    public async Task A_changed_form_is_refused_or_read_as_it_stands()
    {
        var random = new Random(20260105);
        var form = new Form()
            .Field("image_class_id", "11").File("img", "first.jpg", Encoding.ASCII.GetBytes(new string('A', 40) + "\r\n--" + new string('A', 40)))
            .Field("note", "\r\n\r\n").File("img", "", []).File("file", "second.png", Encoding.ASCII.GetBytes(new string('B', 70))).ToBytes();
        var accepted = 0;

        for (var i = 0; i < Mutants; i++)
        {
            var mutant = Mutant(form, random);
            var read = await FormReadingResult.TryAsync(
                new FormReadingBody(mutant, random.Next(1, 400)), FormReadingArrivals.TypeOf(Form.Boundary), random.Next(1, 400), random.Next(0, 2));
            if (read.Refusal is not null)
                continue;

            ShouldBeWhatStandsThere(read, mutant);
            accepted++;
        }

        // Neither all nor none, or nothing would have been tried.
        accepted.Should().BeInRange(Mutants / 50, Mutants / 2);
    }

    private static Gen<Arrival> Arrivals() =>
        from boundary in Gen.Elements(Boundaries)
        from contents in Contents(boundary).ArrayOf().Where(parts => parts.Length is > 0 and < 7)
        from around in Contents(boundary).ArrayOf(2)
        from sizes in Gen.Frequency((3, Gen.Choose(1, 9)), (2, Gen.Choose(10, 300)), (1, Gen.Constant(100_000))).NonEmptyListOf()
        from reads in Gen.Frequency((1, Gen.Constant(0)), (4, Gen.Choose(1, 9)), (2, Gen.Choose(10, 5000))).ListOf()
        from last in Gen.Choose(1, 5000)
        from cut in Gen.Choose(0, 1800)
        select new Arrival(boundary, contents, around, [.. sizes], [.. reads, last], cut);

    // No delimiter inside, and none in the preamble, where a reader may take one in the middle of a line.
    private static Gen<string> Contents(string boundary) =>
        from pieces in Gen.Frequency(
            (3, Gen.Elements("\r", "\n", "\r\n", "-", "--", "\r\n--", boundary, boundary[..^1], boundary[1..], "\r\n--" + boundary[..^1], "x", "\0", "\u00FF")),
            (1, Gen.Choose(0, 255).Select(value => ((char)value).ToString()))).ListOf()
        let text = string.Concat(pieces)
        select text.Contains("--" + boundary, StringComparison.Ordinal) ? text.Replace("-", "", StringComparison.Ordinal) : text;

    private static byte[] Mutant(byte[] form, Random random)
    {
        var bytes = form.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 1; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                case 5:
                    bytes.Insert(at, "\r\n-;=\":*'%\0 \t"u8[random.Next(13)]);
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    // Another reading of the same bytes, all at once and without any of the reader: the text between two delimiters is one part. Some take the
    // first delimiter even inside a line of the preamble, some do not: either is a reading of what nobody is to look at.
    private static void ShouldBeWhatStandsThere(FormReadingResult read, byte[] mutant)
    {
        var text = Encoding.Latin1.GetString(mutant);
        var first = text.IndexOf(Delimiter[2..], StringComparison.Ordinal);
        var readings = new[] { Sections(text, first), Sections("\r\n" + text, ("\r\n" + text).IndexOf(Delimiter, StringComparison.Ordinal) + 2) }
            .OfType<List<(bool IsFile, string Content)>>().ToList();

        var files = read.Files.Select(Encoding.Latin1.GetString).Where(content => content.Length > 0).ToList();
        readings.Exists(Agrees).Should().BeTrue("of {0}", Regex.Escape(text));

        bool Agrees(List<(bool IsFile, string Content)> sections) =>
            sections.Where(section => section.IsFile && section.Content.Length > 0).Select(section => section.Content).SequenceEqual(files)
            && (read.ClassId == 0 || sections.Exists(section => !section.IsFile && long.TryParse(section.Content, out var id) && id == read.ClassId));
    }

    // Null when it does not end: no form.
    private static List<(bool IsFile, string Content)>? Sections(string text, int first)
    {
        var sections = new List<(bool IsFile, string Content)>();
        for (var at = first + Delimiter.Length - 2; ;)
        {
            var line = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (text[at..(line < 0 ? text.Length : line)].Trim() == "--")
                return sections;

            // The blank line belongs to the head, so a delimiter behind it has a line break of its own.
            var blank = line < 0 ? -1 : text.IndexOf("\r\n\r\n", line, StringComparison.Ordinal);
            var next = blank < 0 ? -1 : text.IndexOf(Delimiter, blank + 4, StringComparison.Ordinal);
            if (next < 0)
                return null;

            sections.Add((FileName().IsMatch(text[line..blank]), text[(blank + 4)..next]));
            at = next + Delimiter.Length;
        }
    }

    [GeneratedRegex(@"^content-disposition:\s*[^\n]*;\s*filename\*?\s*=", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FileName();
}
