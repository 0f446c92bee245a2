using System.Text;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Api;

/// <summary>One form read in every way in which it may arrive: whole, in two at every offset, byte by byte, cut at every offset.</summary>
internal static class FormReadingArrivals
{
    // Two chunks at every offset of more than this are a matter of seconds, and find nothing that the shorter forms do not.
    private const int MostForEveryOffset = 1500;

    // A head that is cut before its filename looks like that of a text in the place of a file.
    private static readonly UploadError[] CutErrors = [UploadError.FormMalformed, UploadError.FormTooComplex, UploadError.FormContradictory];

    /// <summary>Reads the form in every way but cut.</summary>
    /// <param name="boundary">What stands behind <c>boundary=</c> in the request's type.</param>
    /// <param name="form">The bytes, as Latin-1.</param>
    /// <param name="expected">As <see cref="FormReadingResult.ToString"/> has it; alternatives joined by " or ".</param>
    public static Task ShouldBeReadAsAsync(string boundary, string form, string expected) =>
        ShouldBeReadAsAsync(boundary, form, expected, form.Length <= MostForEveryOffset ? 1..form.Length : 0..0);

    /// <summary>The same, in two chunks only at the offsets of <paramref name="cuts"/>.</summary>
    public static async Task ShouldBeReadAsAsync(string boundary, string form, string expected, Range cuts)
    {
        var bytes = Encoding.Latin1.GetBytes(form);
        var answers = expected.Split(" or ");

        var little = bytes.Length > MostForEveryOffset * 10 ? 61 : 1;

        await ShouldAsync([], [], "whole");
        await ShouldAsync([little], [], "byte by byte");
        await ShouldAsync([little], [0, 1, 0, 0, 3], "byte by byte into small buffers and none");
        await ShouldAsync([], [1], "whole, taken byte by byte");
        await ShouldAsync([3, 1, 7], [2, 0, 5], "in threes");
        for (var cut = cuts.Start.Value; cut < cuts.End.Value; cut++)
            await ShouldAsync([cut, bytes.Length], [], $"cut at {cut}");

        async Task ShouldAsync(int[] sizes, int[] reads, string how)
        {
            var read = await FormReadingResult.TryAsync(new FormReadingBody(bytes, sizes), TypeOf(boundary), reads);
            if (!answers.Contains(read.ToString()))
                answers.Should().Contain(read.ToString(), "of {0}, {1}", Shown(form), how);
        }
    }

    /// <summary>
    /// Reads every beginning of a good form: it is refused until the closing delimiter is whole and read as it stands from there on, and no
    /// byte comes out that is not the file's.
    /// </summary>
    public static async Task ShouldNeverPassCutAsync(string boundary, string form)
    {
        var bytes = Encoding.Latin1.GetBytes(form);
        var whole = await FormReadingResult.TryAsync(new FormReadingBody(bytes), TypeOf(boundary));
        whole.Refusal.Should().BeNull();

        var closing = "\r\n--" + boundary.Trim('"') + "--";
        var end = form.StartsWith(closing[2..], StringComparison.Ordinal) ? closing.Length - 2 : form.IndexOf(closing, StringComparison.Ordinal) + closing.Length;
        for (var length = 0; length <= bytes.Length; length++)
        {
            foreach (var size in new[] { Math.Max(length, 1), 1, 5 })
            {
                var cut = await FormReadingResult.TryAsync(new FormReadingBody(bytes[..length], size), TypeOf(boundary));
                if (length < end)
                    ShouldBeBeginningOf(cut, whole, $"{length} bytes are not complete");
                else if (cut.ToString() != whole.ToString())
                    cut.ToString().Should().Be(whole.ToString(), "{0} bytes of {1} are complete", length, Shown(form));
            }
        }
    }

    /// <summary>
    /// Refused, and every file handed out is the beginning of the true one. One that calls itself ended is the true one: the store would
    /// take it for whole before the refusal of the form is known.
    /// </summary>
    public static void ShouldBeBeginningOf(FormReadingResult cut, FormReadingResult whole, string because)
    {
        var right = cut.Refusal is { } refusal && CutErrors.Contains(refusal.Error) && cut.Files.Count <= whole.Files.Count
            && cut.Files.Zip(whole.Files).All(pair => pair.Second.AsSpan().StartsWith(pair.First))
            && cut.Files.Take(cut.Ended).Zip(whole.Files).All(pair => pair.First.Length == pair.Second.Length)
            && cut.Names.SkipLast(1).SequenceEqual(whole.Names.Take(Math.Max(0, cut.Names.Count - 1)));
        right.Should().BeTrue("{0}; read {1}, of {2}", because, cut, whole);
    }

    public static string TypeOf(string boundary) => "multipart/form-data; boundary=" + boundary;

    private static string Shown(string form) =>
        (form.Length > 400 ? form[..400] : form).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
