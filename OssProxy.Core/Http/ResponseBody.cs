using System.Globalization;
using System.Text;

namespace OssProxy.Core.Http;

/// <summary>The body of an answer: where it ends (RFC 9112, section 6.3), and the bytes up to there.</summary>
internal sealed class ResponseBody
{
    private const int MaxLineBytes = 8 * 1024;
    private const int MaxTrailers = 64;
    private const int MaxDigits = 15;

    private readonly Connection _connection;
    private readonly bool _isChunked;
    private readonly bool _endsWithConnection;
    private long _left;
    private bool _inChunks;
    private bool _ended;
    private bool _failed;

    public ResponseBody(Connection connection, ResponseHead head, bool answersHead)
    {
        _connection = connection;
        var hasNone = answersHead || head.Status is 204 or 304;
        _isChunked = head.IsChunked && !hasNone;
        _endsWithConnection = !hasNone && !head.IsChunked && head.ContentLength is null;
        KeepsAlive = head.KeepsAlive && !_endsWithConnection;
        _left = _isChunked ? 0 : _endsWithConnection ? long.MaxValue : hasNone ? 0 : head.ContentLength!.Value;
        _ended = !_isChunked && _left == 0;
    }

    /// <summary>Whether another request may follow when this body has been read.</summary>
    public bool KeepsAlive { get; }

    /// <summary>The next bytes; 0 at the end, or for an empty buffer.</summary>
    /// <exception cref="IOException">The connection broke, or ended before the body.</exception>
    /// <exception cref="ResponseFormatException">The chunks are none.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> into)
    {
        if (into.IsEmpty || _ended)
            return 0;

        // Whoever reads on after a failure must not find an end further on.
        if (_failed)
            throw new IOException("The answer has failed before.");

        _failed = true;
        var read = await ReadNextAsync(into);
        _failed = false;
        return read;
    }

    /// <summary>Whether nothing of the body is left, or all of it is here and can be passed over.</summary>
    public bool TryEnd()
    {
        if (!_ended && !_isChunked && _left <= _connection.Received.Length)
        {
            _connection.Use((int)_left);
            _ended = true;
        }

        return _ended;
    }

    private async ValueTask<int> ReadNextAsync(Memory<byte> into)
    {
        if (_isChunked && _left == 0 && !await NextChunkAsync())
            return 0;

        var wanted = into[..(int)Math.Min(into.Length, _left)];
        var read = Math.Min(wanted.Length, _connection.Received.Length);
        if (read > 0)
        {
            _connection.Received[..read].CopyTo(wanted.Span);
            _connection.Use(read);
        }
        else
        {
            read = await _connection.ReceiveAsync(wanted);
        }

        if (read == 0 && !_endsWithConnection)
            throw new IOException("The far end closed the connection within its answer.");

        _left -= read;
        _ended = read == 0 || (!_isChunked && _left == 0);
        return read;
    }

    private async ValueTask<bool> NextChunkAsync()
    {
        if (_inChunks && (await LineAsync()).Length > 0)
            throw new ResponseFormatException("A chunk is longer than it says.");

        _inChunks = true;
        var line = await LineAsync();
        var size = line.Split(';')[0].TrimEnd(' ', '\t');
        if (size.Length > MaxDigits || !size.All(char.IsAsciiHexDigit) || line.Any(letter => char.IsControl(letter) && letter != '\t')
            || !long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left))
            throw new ResponseFormatException("A chunk does not say how long it is.");
        if (_left > 0)
            return true;

        for (var trailers = 0; (await LineAsync()).Length > 0; trailers++)
        {
            if (trailers == MaxTrailers)
                throw new ResponseFormatException("There is too much behind the last chunk.");
        }

        _ended = true;
        return false;
    }

    private async ValueTask<string> LineAsync()
    {
        int end;
        while ((end = _connection.Received.IndexOf("\r\n"u8)) < 0)
        {
            if (!await _connection.ReceiveMoreAsync(MaxLineBytes))
                throw new IOException("The far end closed the connection within its answer.");
        }

        var line = Encoding.Latin1.GetString(_connection.Received[..end]);
        _connection.Use(end + 2);
        return line;
    }
}
