using System.Net;
using System.Net.Sockets;
using System.Text;
using OssProxy.Core.Http;

namespace OssProxy.Tests.Http;

/// <summary>The other end of our connections: a listener whose connections do, byte by byte, what the test tells them. Bytes are Latin-1
/// text.</summary>
internal sealed class FarEnd : IDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<FarConnection> _accepted = [];
    private readonly List<ConnectionPool> _pools = [];

    /// <param name="receiveBuffer">Bytes that lie here unread at most, roughly; null for what the system gives.</param>
    public FarEnd(int? receiveBuffer = null)
    {
        if (receiveBuffer is { } bytes)
            _listener.ReceiveBufferSize = bytes;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Whether somebody has connected and not been accepted: our end connects before it sends.</summary>
    public bool HasCaller => _listener.Poll(0, SelectMode.SelectRead);

    /// <summary>The socket of our end that was made last.</summary>
    public Socket? Near { get; private set; }

    public HttpOrigin Origin(bool isTls = false) => new(isTls, "127.0.0.1", Port);

    /// <summary>Dials here, and remembers the socket.</summary>
    public Dialing Dialing(System.Net.Security.RemoteCertificateValidationCallback? certificate = null, Action<Socket>? prepare = null) => new()
    {
        Timeout = Deadline,
        Certificate = certificate,
        Connect = (socket, origin, token) =>
        {
            Near = socket;
            prepare?.Invoke(socket);
            return socket.ConnectAsync(IPAddress.Loopback, origin.Port, token);
        },
    };

    public ConnectionPool Pool(TimeProvider? time = null, Dialing? dialing = null, HttpOrigin? origin = null)
    {
        var pool = new ConnectionPool(
            origin ?? Origin(), dialing ?? Dialing(), time ?? TimeProvider.System, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
        _pools.Add(pool);
        return pool;
    }

    public async Task<FarConnection> AcceptAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var socket = await _listener.AcceptAsync(deadline.Token);
        socket.NoDelay = true;
        var connection = new FarConnection(socket);
        _accepted.Add(connection);
        return connection;
    }

    /// <summary>Until our end has received all that was said: what is said next comes for itself.</summary>
    public async Task HeardAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (Near!.Available > 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public void Dispose()
    {
        _pools.ForEach(pool => pool.Dispose());
        _accepted.ForEach(connection => connection.Dispose());
        _listener.Dispose();
    }
}

/// <summary>One connection as the far end has it.</summary>
internal sealed class FarConnection(Socket socket) : IDisposable
{
    private Stream _stream = new NetworkStream(socket);

    /// <summary>Whether our end has said or ended something that was not read.</summary>
    public bool HasNews => socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Speaks through this from now on.</summary>
    public async Task ThroughAsync<T>(Func<Stream, T> coat, Func<T, CancellationToken, Task> begin)
        where T : Stream
    {
        using var deadline = new CancellationTokenSource(FarEnd.Deadline);
        var stream = coat(_stream);
        _stream = stream;
        await begin(stream, deadline.Token);
    }

    /// <summary>What one receive of the system brings.</summary>
    public async Task<string> ReadSomeAsync(int most = 1024 * 1024)
    {
        using var deadline = new CancellationTokenSource(FarEnd.Deadline);
        var buffer = new byte[most];
        return Encoding.Latin1.GetString(buffer, 0, await _stream.ReadAsync(buffer, deadline.Token));
    }

    public async Task<string> ReadAsync(int count)
    {
        using var deadline = new CancellationTokenSource(FarEnd.Deadline);
        var buffer = new byte[count];
        await _stream.ReadExactlyAsync(buffer, deadline.Token);
        return Encoding.Latin1.GetString(buffer);
    }

    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
            head.Append(await ReadAsync(1));
        return head.ToString();
    }

    /// <summary>All up to our end's end; also when that is none in order.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var all = new StringBuilder();
        try
        {
            while (await ReadSomeAsync() is { Length: > 0 } some)
                all.Append(some);
        }
        catch (IOException)
        {
            // It was reset.
        }

        return all.ToString();
    }

    public async Task SayAsync(string text)
    {
        using var deadline = new CancellationTokenSource(FarEnd.Deadline);
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), deadline.Token);
    }

    /// <summary>Says nothing more, and is there still.</summary>
    public void Hush() => socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    /// <summary>Ends in order.</summary>
    public void Dispose()
    {
        socket.Dispose();
        _stream.Dispose();
    }
}
