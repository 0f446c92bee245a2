using System.Buffers;
using System.Globalization;
using System.Text;

namespace OssProxy.Core.Http;

/// <summary>The head of a request (RFC 9112, section 3).</summary>
internal sealed class RequestHead
{
    // RFC 9110, 5.6.2.
    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly List<string> _parts = [];
    private int _length;

    /// <param name="method">GET, PUT and so on.</param>
    /// <param name="target">Path and query, as they shall arrive.</param>
    /// <param name="host">The value of <c>Host</c>.</param>
    /// <exception cref="ArgumentException">One of them would be read as more than it is: a blank or a line end ends it.</exception>
    public RequestHead(string method, string target, string host)
    {
        if (!IsToken(method) || !IsOneWord(target) || !IsOneWord(host))
            throw new ArgumentException($"{method} {target} at {host} cannot be asked: each has to be one word of visible ASCII.", nameof(target));

        IsHead = method == "HEAD";
        Add(method, " ", target, " HTTP/1.1\r\nHost: ", host, "\r\n");
    }

    /// <summary>Whether the answer has no body, whatever its headers say.</summary>
    public bool IsHead { get; }

    /// <summary>Whether the body goes out in chunks.</summary>
    public bool IsChunked { get; private set; }

    /// <summary>Bytes of the body; 0 when there is none, and null when it goes out in chunks.</summary>
    public long? Length { get; private set; } = 0;

    /// <summary>Adds a header.</summary>
    /// <param name="name">A token.</param>
    /// <param name="value">Visible ASCII, and blanks between.</param>
    /// <exception cref="ArgumentException">They hold anything else: it would be signed otherwise than it is sent, or be more than one
    /// header.</exception>
    public void Add(string name, string value)
    {
        if (!IsToken(name))
            throw new ArgumentException($"{name} is no name of a header.", nameof(name));
        if (!Ascii.IsValid(value) || value.AsSpan().ContainsAnyInRange('\0', '\x1f') || value.Contains('\x7f', StringComparison.Ordinal)
            || value != value.Trim())
        {
            throw new ArgumentException($"The header {name} cannot carry its value: plain ASCII only.", nameof(value));
        }

        Add(name, ": ", value, "\r\n");
    }

    /// <summary>Says how the body's end is told.</summary>
    /// <param name="length">Its bytes; null to send it in chunks.</param>
    public void AddBody(long? length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        IsChunked = length is null;
        Length = length;
        if (length is { } known)
            Add("Content-Length: ", known.ToString(CultureInfo.InvariantCulture), "\r\n");
        else
            Add("Transfer-Encoding: chunked\r\n");
    }

    /// <summary>The bytes, with the empty line at the end.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[_length + 2];
        var end = 0;
        foreach (var part in _parts)
            end += Encoding.ASCII.GetBytes(part, bytes.AsSpan(end));
        "\r\n"u8.CopyTo(bytes.AsSpan(end));
        return bytes;
    }

    private static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Token);

    private static bool IsOneWord(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private void Add(params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            _parts.Add(part);
            _length += part.Length;
        }
    }
}
