using System.Globalization;
using System.Text;

namespace OssProxy.Core.Http;

/// <summary>Status and headers of an answer (RFC 9112, sections 4 and 5), kept as they came: a header is looked for when it is asked
/// for.</summary>
internal sealed class ResponseHead
{
    private const int MaxBytesOfNumber = 19;

    private static readonly byte[] Beginning = "HTTP/1."u8.ToArray();
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();

    private readonly byte[] _lines;

    private ResponseHead(int status, bool isHttp11, byte[] lines)
    {
        Status = status;
        _lines = lines;
        IsChunked = Find("Transfer-Encoding") is { } coding && (coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
            ? true
            : throw new ResponseFormatException($"The answer's transfer coding {coding} is not known."));
        ContentLength = LengthOf(Find("Content-Length"));
        KeepsAlive = isHttp11 && !(IsChunked && ContentLength is not null)
            && !(Find("Connection")?.Split(',').Any(word => word.Trim(' ', '\t').Equals("close", StringComparison.OrdinalIgnoreCase)) ?? false);
    }

    /// <summary>100–999.</summary>
    public int Status { get; }

    /// <summary>Whether the body comes in chunks.</summary>
    public bool IsChunked { get; }

    /// <summary>Bytes of the body, or of that which a GET would bring; null when not told.</summary>
    public long? ContentLength { get; }

    /// <summary>Whether another request may follow.</summary>
    public bool KeepsAlive { get; }

    /// <summary>Whether another answer to the same request follows.</summary>
    public bool IsInterim => Status < 200;

    /// <summary>Whether what has been received can become a head. Who speaks another protocol may never end a line.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> received)
    {
        var lineEnd = received.IndexOf((byte)'\n');
        return received.StartsWith(Beginning.AsSpan(0, Math.Min(Beginning.Length, received.Length)))
            && (lineEnd < 0 || (lineEnd > 0 && received[lineEnd - 1] == '\r'));
    }

    /// <summary>Where a head ends in what has been received, the empty line included; 0 when it does not end yet.</summary>
    /// <param name="searched">Bytes in which its end was not found before.</param>
    public static int EndOf(ReadOnlySpan<byte> received, int searched)
    {
        var from = Math.Max(0, searched - 3);
        var end = received[from..].IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : from + end + 4;
    }

    /// <summary>Reads a head, the empty line at its end included.</summary>
    /// <exception cref="ResponseFormatException">It is none.</exception>
    public static ResponseHead Parse(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf(LineEnd);
        var line = head[..end];
        if (line.Length < 12 || !line.StartsWith(Beginning) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' '
            || (line.Length > 12 && line[12] != ' ')
            || !int.TryParse(line[9..12], NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status < 100
            || HasControl(line[12..]))
        {
            throw new ResponseFormatException("The answer does not begin with a status line of HTTP/1.");
        }

        var lines = head[(end + 2)..^2];
        Check(lines);
        return new ResponseHead(status, line[7] == '1', lines.ToArray());
    }

    /// <summary>The value of a header; several of one name come as one, with commas between. Null when there is none.</summary>
    public string? Find(string name)
    {
        string? found = null;
        foreach (var (start, colon, end) in new Lines(_lines))
        {
            if (!Ascii.EqualsIgnoreCase(_lines.AsSpan(start, colon - start), name))
                continue;

            var value = Encoding.Latin1.GetString(_lines.AsSpan((colon + 1)..end).Trim(" \t"u8));
            found = found is null ? value : $"{found},{value}";
        }

        return found;
    }

    /// <summary>The names that begin so, as they came.</summary>
    public IEnumerable<string> NamesWith(string prefix)
    {
        List<string> names = [];
        foreach (var (start, colon, _) in new Lines(_lines))
        {
            if (colon - start >= prefix.Length && Ascii.EqualsIgnoreCase(_lines.AsSpan(start, prefix.Length), prefix))
                names.Add(Encoding.Latin1.GetString(_lines.AsSpan(start, colon - start)));
        }

        return names.Distinct(StringComparer.OrdinalIgnoreCase);
    }

    // A name of visible ASCII, a colon, a value without control characters; no line that goes on the one before (RFC 9112, 5.2).
    private static void Check(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf(LineEnd);
            var line = lines[..end];
            var colon = line.IndexOf((byte)':');
            if (colon < 1 || line[..colon].ContainsAnyExceptInRange((byte)'!', (byte)'~')
                || HasControl(line[(colon + 1)..]))
            {
                throw new ResponseFormatException("The answer has a header line that is none.");
            }

            lines = lines[(end + 2)..];
        }
    }

    // A tab is none. A line feed by itself, which others may take for the line's end, is.
    private static bool HasControl(ReadOnlySpan<byte> text) =>
        text.ContainsAnyInRange((byte)0, (byte)8) || text.ContainsAnyInRange((byte)10, (byte)31);

    private static long? LengthOf(string? text)
    {
        if (text is null)
            return null;

        // The same length twice is one (RFC 9110, 8.6).
        var lengths = text.Split(',').Select(length => length.Trim(' ', '\t')).Distinct(StringComparer.Ordinal).ToList();
        return lengths is [{ Length: <= MaxBytesOfNumber } only]
            && long.TryParse(only, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new ResponseFormatException("The answer's length is none.");
    }

    /// <summary>Where each line begins, has its colon and ends.</summary>
    private ref struct Lines(ReadOnlySpan<byte> all)
    {
        private readonly ReadOnlySpan<byte> _all = all;
        private int _next;

        public (int Start, int Colon, int End) Current { get; private set; }

        public readonly Lines GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next == _all.Length)
                return false;

            var end = _next + _all[_next..].IndexOf(LineEnd);
            Current = (_next, _next + _all[_next..].IndexOf((byte)':'), end);
            _next = end + 2;
            return true;
        }
    }
}
