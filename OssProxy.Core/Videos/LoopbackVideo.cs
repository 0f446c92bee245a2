using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Videos;

/// <summary>
/// One object of a store, to be read by one child process over HTTP: on loopback, under a path that cannot be guessed, for as long as one
/// picture takes. So the program sees neither address nor credentials of the store, and of a video only what it looks at is fetched: from the
/// store it comes in pieces that grow, because what is under way when the program seeks elsewhere has been fetched for nothing.
/// </summary>
/// <param name="head">The first bytes, which have been fetched already.</param>
/// <param name="maxBytes">The most bytes that are fetched.</param>
internal sealed class LoopbackVideo(
    IObjectStore store, StoredObject source, ReadOnlyMemory<byte> head, long maxBytes, TimeProvider time) : IAsyncDisposable
{
    private const int FirstPiece = 128 * 1024;
    private const int LargestPiece = 2 * 1024 * 1024;
    private const int BufferBytes = 32 * 1024;
    private const int MaxHeadBytes = 4096;

    // The program opens the next connection before it closes the last one.
    private const int MostConnections = 4;

    // A process that may open nothing more is told so at once, again and again, for as long as a connection waits.
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);

    private readonly string _path = "/" + RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Task> _open = [];
    private Task _accepting = Task.CompletedTask;
    private Exception? _fault;
    private long _fetched = head.Length;

    /// <summary>Where the child finds it.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Bytes fetched from the store.</summary>
    public long Fetched => Interlocked.Read(ref _fetched);

    /// <summary>Whether more was asked for than may be fetched.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Why the store could not give what was asked for; null when it could.</summary>
    public Exception? Fault => _fault;

    /// <summary>Begins to listen.</summary>
    public void Start()
    {
        _listener.Start(MostConnections);
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{_path}");
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_open);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _open.RemoveAll(one => one.IsCompleted);
                if (_open.Count < MostConnections)
                    _open.Add(ServeAsync(client));
                else
                    client.Dispose();
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                // The end.
            }
            catch (SocketException)
            {
                // A connection that had gone before it was taken, or none can be taken at present.
                await Task.Delay(AcceptPause, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // What goes wrong with the store is kept: the child sees a connection that breaks, and could only guess.
    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            client.SendBufferSize = BufferBytes;

            // Closed with the connection: what has gone wrong is known before the child hears of it.
            var stream = client.GetStream();
            if (await ReadHeadAsync(stream) is { } request && request.StartsWith($"GET {_path} ", StringComparison.Ordinal))
                await AnswerAsync(stream, FromOf(request));
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
        {
            // The child has what it wanted: what the store breaks off comes as a failure of the store.
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _fault, failure, null);
        }
    }

    private async Task<string?> ReadHeadAsync(NetworkStream stream)
    {
        var buffer = new byte[MaxHeadBytes];
        for (var length = 0; length < buffer.Length;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), _end.Token);
            if (read == 0)
                return null;
            length += read;
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
                return Encoding.Latin1.GetString(buffer, 0, length);
        }

        return null;
    }

    // The program asks for everything from a place on, and leaves when it has enough.
    private static long FromOf(string request)
    {
        const string Range = "\r\nRange: bytes=";
        var at = request.IndexOf(Range, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return 0;
        var digits = request.AsSpan(at + Range.Length);
        var end = digits.IndexOf('-');
        return end > 0 && long.TryParse(digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : 0;
    }

    private async Task AnswerAsync(NetworkStream stream, long from)
    {
        var whole = source.Length.ToString(CultureInfo.InvariantCulture);
        var answer = from >= source.Length
            ? $"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{whole}\r\nContent-Length: 0\r\n"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{source.Length - 1}/{whole}\r\nContent-Length: {source.Length - from}\r\n");
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(answer + "Content-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\nConnection: close\r\n\r\n"), _end.Token);

        if (from < head.Length)
        {
            await stream.WriteAsync(head[(int)from..], _end.Token);
            from = head.Length;
        }

        for (var piece = FirstPiece; from < source.Length; piece = Math.Min(piece * 2, LargestPiece))
            from += await CopyAsync(stream, from, (int)Math.Min(piece, source.Length - from));
    }

    private async Task<int> CopyAsync(NetworkStream stream, long from, int count)
    {
        if (Interlocked.Add(ref _fetched, count) > maxBytes)
        {
            IsSpent = true;
            throw new IOException("Enough has been fetched.");
        }

        await using var reading = await FromStoreAsync(store.OpenAsync(source.Key, new ByteRange(from, from + count - 1), _end.Token));
        if (reading is null || reading.Source.Length != source.Length || reading.Source.ETag != source.ETag)
            throw new StoreException(StoreError.StoreFailed, "The object has gone or changed while it was read.");

        var buffer = new byte[BufferBytes];
        var left = count;
        while (left > 0)
        {
            var read = await FromStoreAsync(reading.Body.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), _end.Token).AsTask());
            if (read == 0)
                throw new StoreException(StoreError.StoreFailed, "The object ended before its length.");
            await stream.WriteAsync(buffer.AsMemory(0, read), _end.Token);
            left -= read;
        }

        return count;
    }

    // Its connections break as the child's do; only whose it was tells a damaged video from a store that cannot be read.
    private async Task<T> FromStoreAsync<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (Exception failure)
            when (failure is IOException or SocketException or OperationCanceledException && !_end.IsCancellationRequested)
        {
            throw new StoreException(StoreError.StoreFailed, "The store broke off while the video was read.", failure);
        }
    }
}
