using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;

namespace OssProxy.Core.Http;

/// <summary>
/// One connection, plain or TLS, and what has been received on it and not been used. Every failure is an <see cref="IOException"/>. One
/// may send and one receive at a time; <see cref="Dispose"/> may come at any time and ends both.
/// </summary>
internal sealed class Connection : IDisposable
{
    private const int FirstBytes = 4 * 1024;

    // The most that one record of TLS holds (RFC 8446, 5.1).
    private const int RecordBytes = 16 * 1024;

    // IPPROTO_TCP, TCP_INFO, and where tcpi_bytes_acked and tcpi_bytes_received stand in it (Linux, linux/tcp.h; since 4.1).
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const int AcknowledgedAt = 120;
    private const int TcpInfoBytes = 136;

    private readonly Socket _socket;
    private readonly SslStream? _tls;
    private readonly List<ArraySegment<byte>> _gathered = [];
    private byte[] _received = new byte[FirstBytes];
    private int _from;
    private int _to;
    private Task<(int Received, IOException? Failure)>? _listening;
    private int _disposed;

    public Connection(Socket socket, SslStream? tls, long madeAt)
    {
        _socket = socket;
        _tls = tls;
        MadeAt = madeAt;
    }

    /// <summary>When it came about, a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long MadeAt { get; }

    /// <summary>Since when nobody has used it, a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long IdleSince { get; set; }

    /// <summary>What has been received and not been used. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Received => _received.AsSpan(_from, _to - _from);

    /// <summary>Whether it cannot be used for another request: the far end has closed it, or has said something unasked.</summary>
    public bool IsStale
    {
        get
        {
            try
            {
                return _from != _to || _listening is { IsCompleted: true } || _socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Bytes that the far end has acknowledged plus bytes that have come from it: grows while a slow line moves what the kernel
    /// already has from us. Null where the system does not tell; Linux does.</summary>
    public long? Moved
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                return null;

            try
            {
                Span<byte> info = stackalloc byte[TcpInfoBytes];
                return _socket.GetRawSocketOption(TcpLevel, TcpInfo, info) < TcpInfoBytes
                    ? null
                    : BinaryPrimitives.ReadInt64LittleEndian(info[AcknowledgedAt..])
                        + BinaryPrimitives.ReadInt64LittleEndian(info[(AcknowledgedAt + sizeof(long))..]);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <summary>Nothing is asked from now until the next send. What TLS has received beyond the last answer lies with it, where the socket
    /// does not show it and a read of nothing does not find it: it would be the answer to the next request.</summary>
    public void Park()
    {
        if (_tls is not null && _from == _to)
            _listening = ListenAsync();
    }

    /// <summary>Sends pieces that belong together with one call of the system, where there is no TLS between.</summary>
    public async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        try
        {
            if (_tls is not null)
                await SendEncryptedAsync(_tls, pieces);
            else if (pieces.Count == 1)
                Check(await _socket.SendAsync(pieces[0], SocketFlags.None), pieces[0].Length);
            else
                await SendTogetherAsync(pieces);
        }
        catch (Exception failure) when (IsOfConnection(failure))
        {
            throw new IOException(failure.Message, failure);
        }
    }

    /// <summary>Receives into memory of the caller's, who has used all that was received before.</summary>
    /// <returns>Bytes; 0 when the far end has ended.</returns>
    public async ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        try
        {
            return _tls is null ? await _socket.ReceiveAsync(into, SocketFlags.None) : await _tls.ReadAsync(into);
        }
        catch (Exception failure) when (IsOfConnection(failure))
        {
            throw new IOException(failure.Message, failure);
        }
    }

    /// <summary>Receives more behind what is there.</summary>
    /// <param name="most">Bytes that may lie unused.</param>
    /// <returns>False when the far end has ended.</returns>
    /// <exception cref="ResponseFormatException">There are as many already.</exception>
    public async ValueTask<bool> ReceiveMoreAsync(int most)
    {
        MakeRoom(most);
        var (received, failure) = _listening is { } listening ? await listening : (await ReceiveAsync(_received.AsMemory(_to)), null);
        _listening = null;
        if (failure is not null)
            throw new IOException(failure.Message, failure);
        _to += received;
        return received > 0;
    }

    /// <summary>The first bytes of what was received have been used.</summary>
    public void Use(int count)
    {
        _from += count;
        if (_from == _to)
            _from = _to = 0;
    }

    /// <summary>Lets every later send fail, and, but on Windows, one that waits; receiving goes on.</summary>
    public void StopSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        // The socket itself: closing TLS politely would wait for somebody who is sending.
        _socket.Dispose();
        _tls?.Dispose();
    }

    // A failure is kept: while nobody waits for an answer, nobody would see it.
    private async Task<(int Received, IOException? Failure)> ListenAsync()
    {
        try
        {
            return (await ReceiveAsync(_received), null);
        }
        catch (IOException failure)
        {
            return (0, failure);
        }
    }

    // The last two are SslStream's, when it is ended from another thread.
    private static bool IsOfConnection(Exception failure) =>
        failure is SocketException or ObjectDisposedException or AuthenticationException or InvalidOperationException or NotSupportedException;

    private async ValueTask SendTogetherAsync(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        _gathered.Clear();
        var length = 0;
        foreach (var piece in pieces)
        {
            _gathered.Add(MemoryMarshal.TryGetArray(piece, out var array) ? array : piece.ToArray());
            length += piece.Length;
        }

        Check(await _socket.SendAsync(_gathered, SocketFlags.None), length);
        _gathered.Clear();
    }

    // The framework sends all or fails. If that changed, what follows would be read as something else.
    private static void Check(int sent, int length)
    {
        if (sent != length)
            throw new IOException($"{sent} bytes of {length} were sent.");
    }

    // In whole records: those that lie in one piece go from there, what lies between two is put together. A record of its own for every few
    // bytes would cost more than copying them, and a copy of all would be a buffer that no budget knows.
    private static async ValueTask SendEncryptedAsync(SslStream tls, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        var record = ArrayPool<byte>.Shared.Rent(RecordBytes);
        try
        {
            var filled = 0;
            foreach (var piece in pieces)
            {
                var rest = piece;
                while (!rest.IsEmpty)
                {
                    if (filled == 0 && rest.Length >= RecordBytes)
                    {
                        await tls.WriteAsync(rest[..(rest.Length / RecordBytes * RecordBytes)]);
                        rest = rest[(rest.Length / RecordBytes * RecordBytes)..];
                        continue;
                    }

                    var count = Math.Min(rest.Length, RecordBytes - filled);
                    rest[..count].CopyTo(record.AsMemory(filled));
                    rest = rest[count..];
                    filled += count;
                    if (filled == RecordBytes)
                    {
                        await tls.WriteAsync(record.AsMemory(0, filled));
                        filled = 0;
                    }
                }
            }

            if (filled > 0)
                await tls.WriteAsync(record.AsMemory(0, filled));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    private void MakeRoom(int most)
    {
        if (_to < _received.Length)
            return;
        if (_to - _from >= most)
            throw new ResponseFormatException($"The answer has a line or a head of more than {most} bytes.");

        var roomier = _from > 0 ? _received : new byte[Math.Min(_received.Length * 2, most)];
        Received.CopyTo(roomier);
        (_received, _from, _to) = (roomier, 0, _to - _from);
    }
}
