using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OssProxy.Benchmarks.Sink;

/// <summary>
/// Answers uploads on loopback as OSS does, and throws the bytes away: PutObject, uploads in parts, DeleteObject, HeadObject. No signature
/// is looked at and no body kept, so that a machine's time goes to the server that is measured.
/// </summary>
internal sealed class OssSink : IAsyncDisposable
{
    /// <summary>Where a GET tells "{objects} {bytes}" taken so far. No bucket can be called so.</summary>
    public const string TakenPath = "/-/taken";

    private readonly SinkBucket _bucket = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _accepting;

    /// <summary>Listens on 127.0.0.1; 0 for any free port.</summary>
    public OssSink(int port)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(4096);
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndPoint}");

    /// <summary>The verb <c>sink [--port N]</c>: until the process is ended.</summary>
    /// <returns>The exit code: 2 for arguments that cannot be understood.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var port = 0;
        if (arguments is not [] && (arguments is not ["--port", var text]
            || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > IPEndPoint.MaxPort))
        {
            await Console.Error.WriteLineAsync("sink [--port N], N from 0 (any free one, the default) to 65535");
            return 2;
        }

        await using var sink = new OssSink(port);
        Console.WriteLine($"Listening on {sink.Address}");
        await sink._accepting;
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                client.NoDelay = true;
                var serving = new SinkConnection(client, _bucket, TimeProvider.System).ServeAsync(_stop.Token);
                _connections[serving] = true;
                foreach (var (done, _) in _connections.Where(connection => connection.Key.IsCompletedSuccessfully))
                    _connections.TryRemove(done, out _);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
