using System.Globalization;
using System.Text;

namespace OssProxy.Tests.Faults;

/// <summary>
/// Follows the requests of one connection byte by byte (RFC 9112: heads, bodies with a length, bodies in chunks) and says where among the
/// bytes a moment comes. Used by both directions of a connection, hence the lock.
/// </summary>
internal sealed class RequestWatch
{
    private enum State
    {
        Head,
        Fixed,
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailer,
    }

    private readonly Lock _gate = new();
    private readonly StringBuilder _line = new();
    private readonly StringBuilder _head = new();
    private State _state;
    private string _request = "";
    private long _left;
    private long _content;
    private bool _begun;
    private bool _whole;
    private bool _struck;
    private bool _endComes;

    /// <summary>How many of these bytes stand before the moment; -1 when it does not come among them. Each request is struck once, so that
    /// the rest can be handed in afterwards.</summary>
    public int Find(ReadOnlySpan<byte> bytes, Fault? fault)
    {
        lock (_gate)
        {
            for (var at = 0; ;)
            {
                if (fault is not null && !_struck && Fits(fault) && IsNow(fault, at < bytes.Length))
                {
                    _struck = true;
                    return at;
                }

                if (at == bytes.Length)
                    return -1;
                at += Take(bytes[at..], fault);
            }
        }
    }

    /// <summary>Whether the first byte of the other direction now is the first of the answer that the fault waits for; once per
    /// request.</summary>
    public bool IsAnswer(Fault? fault)
    {
        lock (_gate)
            return fault is { Moment: Moment.BeforeAnswer } && _whole && !_struck && Fits(fault) && (_struck = true);
    }

    private bool Fits(Fault fault) => _request.Length > 0 && _request.StartsWith(fault.Request, StringComparison.Ordinal);

    private bool IsNow(Fault fault, bool isNextAtHand) => fault.Moment switch
    {
        Moment.BeforeBody => _state != State.Head && !_begun && isNextAtHand,
        Moment.InBody => _state is State.Fixed or State.Chunk && _content == fault.At,
        Moment.BeforeLastByte => (_state == State.Fixed && _left == 1) || (_state == State.Trailer && _endComes),
        Moment.AfterLastByte => _whole,
        _ => false,
    };

    private int Take(ReadOnlySpan<byte> bytes, Fault? fault)
    {
        if (_state == State.Head)
            return TakeHead((char)bytes[0]);

        _begun = true;
        if (_state is State.Fixed or State.Chunk)
            return TakeContent(bytes.Length, fault);

        if (bytes[0] == '\n')
            EndLine();
        else
            _line.Append((char)bytes[0]);
        _endComes = _state == State.Trailer && _line.ToString() == "\r";
        return 1;
    }

    private int TakeContent(int count, Fault? fault)
    {
        var most = Math.Min(count, _left);
        if (fault is { Moment: Moment.InBody } && fault.At > _content)
            most = Math.Min(most, fault.At - _content);
        if (_state == State.Fixed && _left > 1)
            most = Math.Min(most, _left - 1);
        _left -= most;
        _content += most;
        if (_left == 0 && _state == State.Fixed)
            End();
        else if (_left == 0)
            _state = State.ChunkEnd;
        return (int)most;
    }

    private int TakeHead(char next)
    {
        if (_whole)
            (_whole, _struck, _request) = (false, false, "");

        _head.Append(next);
        if (next == '\n' && _head.Length >= 4 && _head.ToString(_head.Length - 4, 4) == "\r\n\r\n")
            Begin();
        return 1;
    }

    private void Begin()
    {
        var lines = _head.ToString().Split("\r\n");
        _head.Clear();
        (_request, _content, _begun, _endComes) = (lines[0], 0, false, false);
        _left = Header(lines, "Content-Length") is { } length ? long.Parse(length, CultureInfo.InvariantCulture) : 0;
        if (Header(lines, "Transfer-Encoding") is not null)
            _state = State.ChunkSize;
        else if (_left > 0)
            _state = State.Fixed;
        else
            End();
    }

    private void EndLine()
    {
        var text = _line.ToString().TrimEnd('\r');
        _line.Clear();
        if (_state == State.ChunkEnd)
        {
            _state = State.ChunkSize;
        }
        else if (_state == State.ChunkSize)
        {
            _left = long.Parse(text.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _state = _left > 0 ? State.Chunk : State.Trailer;
        }
        else if (text.Length == 0)
        {
            End();
        }
    }

    private void End() => (_state, _whole) = (State.Head, true);

    private static string? Header(string[] lines, string name) => lines
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault();
}
