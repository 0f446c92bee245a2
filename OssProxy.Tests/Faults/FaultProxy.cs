using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OssProxy.Tests.Faults;

/// <summary>
/// A TCP proxy on loopback that harms what passes, at a byte that the test names or when the test says so. It knows as much of HTTP as it
/// takes to name a byte, and changes nothing that it is not told to change.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<FaultyConnection, Task> _connections = new();
    private readonly int _port;
    private readonly Task _accepting;
    private volatile ArmedFault? _armed;

    private FaultProxy(int port)
    {
        _port = port;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect instead of the target.</summary>
    public Uri Address { get; }

    /// <summary>Connections that are open on either side, those that only seem so among them.</summary>
    public int Open => _connections.Count;

    internal ArmedFault? Armed => _armed;

    /// <summary>A proxy in front of a server on loopback.</summary>
    public static FaultProxy Before(Uri target) => new(target.Port);

    /// <summary>From now on requests are struck, those under way too when their moment is still to come. One fault at a time.</summary>
    public ArmedFault Arm(Fault fault)
    {
        var armed = new ArmedFault(fault, Disarm);
        if (Interlocked.CompareExchange(ref _armed, armed, null) is not null)
            throw new InvalidOperationException("Another fault is armed.");
        return armed;
    }

    /// <summary>Strikes every open connection now, wherever its bytes are; the moment names the direction.</summary>
    public void Strike(Fault fault)
    {
        foreach (var connection in _connections.Keys)
            connection.Strike(fault);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;

        await _stop.CancelAsync();
        await _accepting.WaitAsync(Deadline);
        _listener.Stop();
        await Task.WhenAll(_connections.Values).WaitAsync(Deadline);
        _stop.Dispose();
    }

    private void Disarm(ArmedFault armed) => Interlocked.CompareExchange(ref _armed, null, armed);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                Serve(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private void Serve(Socket client)
    {
        var connection = new FaultyConnection(this, client, _stop.Token);
        var run = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = run.Task.Unwrap();
        run.SetResult(RunAsync(connection));
    }

    private async Task RunAsync(FaultyConnection connection)
    {
        try
        {
            await connection.RunAsync(_port);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}
