using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Api;

/// <summary>What must hold for any form. Seeds are fixed, so that a failure comes again.</summary>
public sealed partial class FormReadingProperties
{
    private const string Delimiter = "\r\n--" + Form.Boundary;
    private const int Mutants = 20_000;

    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithMaxTest(1500).WithEndSize(60).WithReplay(20260105, 7);

    // Pieces of delimiters, so that content comes near to one as often as it does not.
    private static readonly string[] Pieces =
        ["\r", "\n", "\r\n", "-", "--", "\r\n--", Form.Boundary, Form.Boundary[..^1], Form.Boundary[1..], Delimiter[..^1], "x", "\0", "\u00FF", ": ", "\""];

    [Fact]
    public void Any_files_come_back_byte_for_byte_however_they_arrive() =>
        Prop.ForAll(
            Contents().ArrayOf().Where(files => files.Length < 6).ToArbitrary(),
            Gen.Choose(1, 300).NonEmptyListOf().ToArbitrary(),
            async (files, sizes) =>
            {
                var form = new Form();
                for (var i = 0; i < files.Length; i++)
                    form.Field("text" + i, "value " + i).File("img", $"{i}.jpg", files[i]);

                var read = await FormReadingResult.OfAsync(form.Field("imageClassId", "42").ToBytes(), [.. sizes]);

                read.ClassId.Should().Be(42);
                read.Names.Should().Equal(files.Select((_, i) => $"{i}.jpg"));
                read.Files.Select(Convert.ToHexString).Should().Equal(files.Select(Convert.ToHexString));
            }).Check(Repeatable);

    [Fact(Timeout = 30_000)]
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
            try
            {
                ShouldBeWhatStandsThere(await FormReadingResult.OfAsync(mutant, random.Next(1, 400)), mutant);
                accepted++;
            }
            catch (UploadException)
            {
                // Refused, as the client's fault: the only other thing that may come out.
            }
        }

        // Neither all nor none, or nothing would have been tried.
        accepted.Should().BeInRange(Mutants / 50, Mutants / 2);
    }

    private static Gen<byte[]> Contents() =>
        from pieces in Gen.OneOf(
            Gen.Elements(Pieces),
            Gen.Choose(0, 255).Select(value => ((char)value).ToString())).ListOf()
        select Encoding.Latin1.GetBytes(string.Concat(pieces).Replace(Delimiter, "", StringComparison.Ordinal));

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

    // Another reading of the same bytes, all at once and without any of the framework: the text between two delimiters is one part.
    private static void ShouldBeWhatStandsThere(FormReadingResult read, byte[] mutant)
    {
        var text = Encoding.Latin1.GetString(mutant);
        var sections = new List<(bool IsFile, string Content)>();
        var first = text.StartsWith(Delimiter[2..], StringComparison.Ordinal) ? -2 : text.IndexOf(Delimiter, StringComparison.Ordinal);
        for (var at = first + Delimiter.Length; ;)
        {
            var line = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (text[at..(line < 0 ? text.Length : line)].Trim() == "--")
                break;

            // The blank line belongs to the head, so a delimiter behind it has a line break of its own.
            var blank = text.IndexOf("\r\n\r\n", line, StringComparison.Ordinal);
            var next = text.IndexOf(Delimiter, blank + 4, StringComparison.Ordinal);
            (blank >= 0 && next >= 0).Should().BeTrue("a form without its end is no form: {0}", text);
            sections.Add((FileName().IsMatch(text[line..blank]), text[(blank + 4)..next]));
            at = next + Delimiter.Length;
        }

        read.Files.Select(Encoding.Latin1.GetString).Where(content => content.Length > 0)
            .Should().Equal(sections.Where(section => section.IsFile && section.Content.Length > 0).Select(section => section.Content),
                "of {0}", Regex.Escape(text));
        if (read.ClassId != 0)
            sections.Should().Contain(section => !section.IsFile && section.Content == read.ClassId.ToString());
    }

    [GeneratedRegex(@"^content-disposition:\s*[^\n]*;\s*filename\*?\s*=", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FileName();
}
