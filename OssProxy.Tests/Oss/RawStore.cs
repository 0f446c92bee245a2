using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

/// <summary>A store made of a bare socket: it sees exactly the bytes that were sent, and answers, or misbehaves, as the test's script
/// says.</summary>
internal sealed class RawStore : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly ConcurrentQueue<RawExchange> _exchanges = new();
    private readonly Func<RawExchange, Task> _script;
    private readonly Task _accepting;

    /// <param name="script">Called for every request; its number is <see cref="RawExchange.Number"/>.</param>
    public RawStore(Func<RawExchange, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Endpoint => $"http://127.0.0.1:{Port}";

    /// <summary>What has arrived, in order.</summary>
    public IReadOnlyList<RawExchange> Exchanges => [.. _exchanges];

    /// <summary>Options that fit this store.</summary>
    public OssOptions Options(Action<OssOptions>? change = null)
    {
        var options = new OssOptions
        {
            Endpoint = Endpoint,
            Region = "cn-hangzhou",
            Bucket = "photos",
            AccessKeyId = "LTAI-EXAMPLE",
            AccessKeySecret = "example-secret",
            Attempts = 1,
        };
        change?.Invoke(options);
        return options;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // The token ends the accepting; a listener that is stopped under it would fail the test that is over.
        await _accepting.WaitAsync(Deadline);
        _listener.Stop();
        await Task.WhenAll(_connections).WaitAsync(Deadline);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        await using var stream = new NetworkStream(socket);
        try
        {
            while (await RawExchange.ReadHeadAsync(stream, socket, _stop.Token) is { } exchange)
            {
                lock (_exchanges)
                {
                    exchange.Number = _exchanges.Count + 1;
                    _exchanges.Enqueue(exchange);
                }

                await _script(exchange);
                if (exchange.Closed)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client, or the test, has ended the connection.
        }
    }
}

/// <summary>One request as it came over the wire.</summary>
internal sealed class RawExchange
{
    private readonly NetworkStream _stream;
    private readonly Socket _socket;
    private readonly CancellationToken _stop;

    private RawExchange(NetworkStream stream, Socket socket, string head, CancellationToken stop)
    {
        _stream = stream;
        _socket = socket;
        _stop = stop;
        var lines = head.Split("\r\n");
        RequestLine = lines[0];
        Headers = lines[1..].Select(l => l.Split(": ", 2)).ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
    }

    public int Number { get; set; }

    public string RequestLine { get; }

    public Dictionary<string, string> Headers { get; }

    public string Method => RequestLine.Split(' ')[0];

    public bool Closed { get; private set; }

    /// <summary>What of the body has arrived.</summary>
    public MemoryStream Body { get; } = new();

    /// <summary>Whether the body ended as its framing says.</summary>
    public bool BodyComplete { get; private set; }

    public static async Task<RawExchange?> ReadHeadAsync(NetworkStream stream, Socket socket, CancellationToken stop)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!EndsWithEmptyLine(head))
        {
            if (await stream.ReadAsync(one, stop) == 0)
                return null;

            head.Append((char)one[0]);
        }

        return new RawExchange(stream, socket, head.ToString(0, head.Length - 4), stop);
    }

    public async Task<byte[]> ReadBodyAsync()
    {
        if (Headers.ContainsKey("Transfer-Encoding"))
        {
            while (true)
            {
                var size = int.Parse(await ReadLineAsync(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                await ReadExactlyAsync(size);
                await ReadLineAsync();
                if (size == 0)
                    break;
            }
        }
        else if (Headers.TryGetValue("Content-Length", out var length))
        {
            await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture));
        }

        BodyComplete = true;
        return Body.ToArray();
    }

    /// <summary>Reads a body and acknowledges it as OSS does.</summary>
    public async Task AcknowledgeAsync(ulong? crc = null)
    {
        var body = await ReadBodyAsync();
        await ReplyAsync(200, $"ETag: \"5D41402ABC4B2A76B9719D911017C592\"\r\nx-oss-hash-crc64ecma: {crc ?? Crc64.Compute(body)}\r\n");
    }

    /// <summary>Refuses as OSS does.</summary>
    public Task RefuseAsync(int status, string code, string more = "")
    {
        var xml = $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>words</Message>"
            + $"<RequestId>5C3D9175B6FC201293AD****</RequestId><HostId>photos.example</HostId>{more}</Error>";
        return Method == "HEAD"
            ? ReplyAsync(status, $"x-oss-err: {Convert.ToBase64String(Encoding.UTF8.GetBytes(xml))}\r\n")
            : ReplyAsync(status, "Content-Type: application/xml\r\n", xml);
    }

    public Task ReplyAsync(int status, string headers = "", string body = "")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var length = headers.Contains("Content-Length", StringComparison.Ordinal) || status == 204 ? "" : $"Content-Length: {bytes.Length}\r\n";
        return WriteAsync($"HTTP/1.1 {status} X\r\nx-oss-request-id: 5C3D9175B6FC201293AD****\r\n{headers}{length}\r\n{body}");
    }

    public async Task WriteAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), _stop);

    /// <summary>Ends the connection with RST.</summary>
    public void Reset()
    {
        Closed = true;
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>Ends the connection in order.</summary>
    public void Close() => Closed = true;

    /// <summary>Says nothing until the test is over, or the client has gone.</summary>
    public async Task StallAsync()
    {
        Closed = true;
        await Task.Delay(Timeout.InfiniteTimeSpan, _stop);
    }

    private static bool EndsWithEmptyLine(StringBuilder head) =>
        head.Length >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r';

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (line.Length < 2 || line[^1] != '\n')
        {
            await _stream.ReadExactlyAsync(one, _stop);
            line.Append((char)one[0]);
        }

        return line.ToString(0, line.Length - 2);
    }

    private async Task ReadExactlyAsync(int count)
    {
        var buffer = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = await _stream.ReadAsync(buffer.AsMemory(done), _stop);
            if (read == 0)
                throw new EndOfStreamException();

            Body.Write(buffer, done, read);
            done += read;
        }
    }
}
