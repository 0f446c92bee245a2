using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OssProxy.Core.Http;

/// <summary>
/// One request and its answer (RFC 9112). The request's head waits for the first bytes of the body and goes with them. A body of more than
/// one piece is sent with an eye on the far end: whoever is refused half-way stops, and hears why even when the connection breaks under
/// what was sent too much. Every failure of the connection is an <see cref="IOException"/>; cancelling the token ends the connection.
/// Disposing gives the connection back when the exchange is complete, and ends it otherwise.
/// </summary>
internal sealed class Exchange : IDisposable
{
    private const int MaxHeadBytes = 64 * 1024;
    private const int MaxInterim = 16;
    private const int SwitchingProtocols = 101;

    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly ConnectionPool _pool;
    private readonly Connection _connection;
    private readonly CancellationTokenRegistration _abort;
    private readonly RequestHead _request;
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private readonly byte[] _sizeLine = new byte[2 * sizeof(int) + 2];
    private ReadOnlyMemory<byte> _head;
    private ResponseBody? _body;
    private Task<ResponseHead>? _answer;
    private IOException? _broken;
    private bool _stopped;
    private bool _sendsLast;
    private long _sent;
    private int _sends;
    private int _disposed;

    private Exchange(ConnectionPool pool, Connection connection, RequestHead request, CancellationToken cancellationToken)
    {
        _pool = pool;
        _connection = connection;
        _request = request;
        _head = request.ToBytes();
        _abort = cancellationToken.UnsafeRegister(static connection => ((Connection)connection!).Dispose(), connection);
    }

    /// <summary>Whether more of the body is wanted. Not when an answer is here before its time, and not when the connection has broken:
    /// <see cref="AnswerAsync"/> then tells.</summary>
    public bool WantsMore => _broken is null && _answer is not { IsCompleted: true };

    /// <summary>Ends when there is an answer, also one before its time, or when the connection has broken. Listens from now on.</summary>
    [SuppressMessage("Usage", "VSTHRD003", Justification = "Completed by the connection, never by a thread that waits for us.")]
    public async Task AnsweredAsync()
    {
        try
        {
            await (_answer ??= ReceiveHeadAsync());
        }
        catch (IOException)
        {
            // AnswerAsync tells.
        }
    }

    /// <summary>Whether all of the request has been handed to the connection, no less than its head has promised.</summary>
    public bool HasSentAll { get; private set; }

    /// <summary>How far the connection has got; see <see cref="Connection.Moved"/>.</summary>
    public long? Moved => _connection.Moved;

    /// <summary>Takes a connection; nothing is sent yet.</summary>
    /// <param name="cancellationToken">Ends the connection as long as the exchange lasts.</param>
    /// <exception cref="ConnectException">No connection came about.</exception>
    public static async Task<Exchange> BeginAsync(ConnectionPool pool, RequestHead request, CancellationToken cancellationToken) =>
        new(pool, await pool.TakeAsync(cancellationToken), request, cancellationToken);

    /// <summary>Sends the next bytes of the body, at least one. They can be used again when this has returned.</summary>
    /// <exception cref="ArgumentException">There is none, which in chunks would be the body's end, or there are more than its head has
    /// promised, which would be read as another request.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> piece, ReadOnlyMemory<byte> next = default)
    {
        var count = (long)piece.Length + next.Length;
        if (count == 0 || _request.Length - _sent < count)
            throw new ArgumentException($"{count} bytes behind {_sent} do not fit a body of {_request.Length}.", nameof(piece));

        _sent += count;
        _sendsLast = _sent == _request.Length;
        if (_sends++ > 0)
            _answer ??= ReceiveHeadAsync();

        AddHead();
        if (_request.IsChunked)
            _pieces.Add(SizeLine(piece.Length + next.Length));
        _pieces.Add(piece);
        if (!next.IsEmpty)
            _pieces.Add(next);
        if (_request.IsChunked)
            _pieces.Add(LineEnd);
        await SendPiecesAsync();
    }

    /// <summary>Says that the body has ended.</summary>
    public async ValueTask EndAsync()
    {
        AddHead();
        if (_request.IsChunked)
            _pieces.Add(LastChunk);
        _sendsLast = _request.IsChunked || _sent == _request.Length;
        if (_pieces.Count > 0)
            await SendPiecesAsync();
        HasSentAll = _broken is null && _sendsLast;
    }

    /// <summary>The head of the final answer.</summary>
    /// <exception cref="IOException">The connection broke; the one that sending met with, when there was one.</exception>
    /// <exception cref="ResponseFormatException">It is no HTTP.</exception>
    public async Task<ResponseHead> AnswerAsync()
    {
        _answer ??= ReceiveHeadAsync();
        try
        {
            var head = await _answer;
            _body = new ResponseBody(_connection, head, _request.IsHead);
            return head;
        }
        catch (IOException failure) when (_broken is not null && !_stopped && failure is not ResponseFormatException)
        {
            throw new IOException(_broken.Message, _broken);
        }
    }

    /// <summary>The next bytes of the answer's body; 0 at its end.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> into) =>
        _body?.ReadAsync(into) ?? throw new InvalidOperationException("The answer has not come.");

    /// <summary>Ends the connection, from any thread; what waits for it fails. Nothing when disposed: the connection may be somebody
    /// else's by then.</summary>
    public void Abort()
    {
        if (Volatile.Read(ref _disposed) == 0)
            _connection.Dispose();
    }

    public void Dispose()
    {
        // A stream of the answer may be disposed twice, and a connection must not be given back twice.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        // Waits for a cancellation that is at work, so that none meets the next exchange of this connection.
        _abort.Dispose();
        if (HasSentAll && !_stopped && _body is { KeepsAlive: true } body && body.TryEnd())
        {
            _pool.Give(_connection);
            return;
        }

        _connection.Dispose();
        if (_answer is not null)
            _ = ForgetAsync(_answer);
    }

    // What was waited for has no meaning any more, and a failure that nobody looks at would be reported as unobserved.
    [SuppressMessage("Usage", "VSTHRD003", Justification = "It ends with the connection, which has just been ended.")]
    private static async Task ForgetAsync(Task<ResponseHead> answer)
    {
        try
        {
            await answer;
        }
        catch
        {
            // As said.
        }
    }

    private void AddHead()
    {
        if (_head.IsEmpty)
            return;

        _pieces.Add(_head);
        _head = default;
    }

    private ReadOnlyMemory<byte> SizeLine(int size)
    {
        size.TryFormat(_sizeLine, out var digits, "x", CultureInfo.InvariantCulture);
        LineEnd.CopyTo(_sizeLine, digits);
        return _sizeLine.AsMemory(0, digits + LineEnd.Length);
    }

    // A connection that breaks here may still hold the answer that tells why.
    private async ValueTask SendPiecesAsync()
    {
        try
        {
            var sending = _connection.SendAsync(_pieces);
            if (sending.IsCompleted)
                await sending;
            else
                await WaitAsync(sending.AsTask());
        }
        catch (IOException failure)
        {
            _broken = failure;
        }
        finally
        {
            _pieces.Clear();
        }
    }

    // Who has to wait may be waiting for somebody who has answered and reads no more. The last bytes and the answer to them may pass each
    // other: a success says that all has arrived, and the connection stays good.
    private async Task WaitAsync(Task sending)
    {
        var answer = _answer ??= ReceiveHeadAsync();
        if (await Task.WhenAny(sending, answer) == answer
            && !(_sendsLast && answer.IsCompletedSuccessfully && (await answer).Status is >= 200 and < 300))
        {
            _stopped = true;
            _connection.StopSending();
        }

        await sending;
    }

    private async Task<ResponseHead> ReceiveHeadAsync()
    {
        for (var heads = 0; heads <= MaxInterim; heads++)
        {
            int end;
            var searched = 0;
            while ((end = ResponseHead.EndOf(_connection.Received, searched)) == 0)
            {
                searched = _connection.Received.Length;
                if (!ResponseHead.MayBegin(_connection.Received))
                    throw new ResponseFormatException("The far end does not speak HTTP/1.");
                if (!await _connection.ReceiveMoreAsync(MaxHeadBytes))
                    throw new IOException("The far end closed the connection before its answer.");
            }

            var head = ResponseHead.Parse(_connection.Received[..end]);
            _connection.Use(end);
            if (head.Status == SwitchingProtocols)
                throw new ResponseFormatException("The far end speaks another protocol from now on, unasked.");
            if (!head.IsInterim)
                return head;
        }

        throw new ResponseFormatException("One interim answer follows the other.");
    }
}
