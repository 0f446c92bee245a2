using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OssProxy.Tests.Fuzz;

/// <summary>What a server has said on one connection, as far as it is whole.</summary>
internal sealed partial class FuzzAnswers
{
    private readonly StringBuilder _text = new();
    private int _parsed;

    /// <summary>The status of each whole answer; interim ones do not count.</summary>
    public List<int> Statuses { get; } = [];

    /// <summary>The keys of the files that an answer has called stored.</summary>
    public List<string> Stored { get; } = [];

    public string Text => _text.ToString();

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _text.Append(Encoding.Latin1.GetString(bytes));
        var text = Text;
        while (NextIn(text) is { } end)
            _parsed = end;
    }

    // The end of the answer that begins at the mark, null while it is not whole.
    private int? NextIn(string text)
    {
        var head = text.IndexOf("\r\n\r\n", _parsed, StringComparison.Ordinal);
        if (head < 0)
            return null;

        var start = StatusLine().Match(text, _parsed, head - _parsed);
        if (!start.Success)
            throw new InvalidOperationException("This is no answer: " + text[_parsed..]);

        var status = int.Parse(start.Groups["status"].ValueSpan, CultureInfo.InvariantCulture);
        if (status < 200)
            return head + 4;

        var length = Length().Match(text, _parsed, head + 2 - _parsed);
        var end = length.Success
            ? head + 4 + int.Parse(length.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture)
            : EndOfChunks(text, head + 4);
        if (end is null || end > text.Length)
            return null;

        Statuses.Add(status);
        if (status == 200)
            Stored.AddRange(Path().Matches(text[head..end.Value]).Select(match => match.Groups["key"].Value));
        return end;
    }

    private static int? EndOfChunks(string text, int at)
    {
        while (true)
        {
            var line = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (line < 0)
                return null;
            var size = int.Parse(text.AsSpan(at, line - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            at = line + 2 + size + 2;
            if (at > text.Length)
                return null;
            if (size == 0)
                return at;
        }
    }

    [GeneratedRegex(@"\GHTTP/1\.1 (?<status>\d{3}) ", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"\nContent-Length: (?<bytes>\d+)\r", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Length();

    [GeneratedRegex("\"path\":\"(?<key>[^\"]+)\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Path();
}
