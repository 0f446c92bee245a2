using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace OssProxy.Tests.Emulator;

/// <summary>A callback as it came.</summary>
internal sealed record ReceivedCallback(string RequestLine, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string Target => RequestLine.Split(' ')[1];

    /// <summary>What the documentation says is signed: the decoded path, the query as it is, a line feed, the body.</summary>
    public byte[] SignedText => [.. Encoding.UTF8.GetBytes(Target.Split('?', 2) is [var path, var query] ? $"{Uri.UnescapeDataString(path)}?{query}\n" : $"{Uri.UnescapeDataString(Target)}\n"), .. Body];
}

/// <summary>A server to be called back, which answers with the bytes it is told to, one connection at a time.</summary>
internal sealed class CallbackReceiver : IAsyncDisposable
{
    public const string Success = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"Status\":\"OK\"}";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<ReceivedCallback> _received = Channel.CreateUnbounded<ReceivedCallback>();
    private readonly Task _serving;

    public CallbackReceiver()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>The bytes of the next answers; null keeps silent until the caller leaves.</summary>
    public string? Answer { get; set; } = Success;

    public string Authority => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Waiting => _received.Reader.Count;

    public Task<ReceivedCallback> NextAsync() => _received.Reader.ReadAsync(WireClient.Deadline).AsTask();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var connection = new WireConnection(client);
        try
        {
            var lines = (await connection.ReadHeadAsync()).Split("\r\n");
            var headers = lines.Skip(1).Select(l => l.Split(':', 2)).ToDictionary(p => p[0].ToLowerInvariant(), p => p[1].Trim());
            var body = await connection.ReadExactlyAsync(int.Parse(headers["content-length"], CultureInfo.InvariantCulture));
            await _received.Writer.WriteAsync(new(lines[0], headers, body), _stop.Token);
            if (Answer is { } answer)
                await connection.SendAsync(answer);
            else
                await connection.ReadToEndAsync();
        }
        catch (IOException)
        {
            // The caller left.
        }
    }
}
