using System.Net;
using System.Net.Sockets;

namespace OssProxy.Tests.Faults;

/// <summary>One connection through a <see cref="FaultProxy"/>: two pumps, and what is done to them.</summary>
internal sealed class FaultyConnection(FaultProxy proxy, Socket client, CancellationToken stop)
{
    private const int BufferBytes = 32 * 1024;
    private const int SlicesPerSecond = 20;

    private readonly Socket _target = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly RequestWatch _watch = new();
    private readonly Told _up = new();
    private readonly Told _down = new();
    private volatile bool _isHalf;

    private enum Then
    {
        GoOn,

        /// <summary>What comes is taken and dropped.</summary>
        Drop,

        /// <summary>Nothing is taken any more.</summary>
        Hold,

        End,
    }

    public async Task RunAsync(int port)
    {
        client.NoDelay = true;
        using (client)
        using (_target)
        using (_up)
        using (_down)
        {
            try
            {
                await _target.ConnectAsync(IPAddress.Loopback, port, stop);
                await Task.WhenAll(GuardAsync(client, _target, _up), GuardAsync(_target, client, _down));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // Nobody is there, or the test is over. No farewell: it may be what a fault was to suppress.
                Break(client);
                Break(_target);
            }
        }
    }

    /// <summary>Strikes now.</summary>
    public void Strike(Fault fault) => (fault.Moment == Moment.BeforeAnswer ? _down : _up).Tell(fault);

    private static void Break(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has gone already.
        }

        socket.Close();
    }

    private static void Finish(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Who is to hear it has gone.
        }
    }

    private async Task GuardAsync(Socket from, Socket to, Told told)
    {
        try
        {
            await PumpAsync(from, to, told);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException && !_isHalf)
        {
            // One end broke: the other hears of it.
            Break(from);
            Break(to);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await HoldAsync();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Told told)
    {
        var buffer = new byte[BufferBytes];
        var drop = false;
        while (true)
        {
            var bytes = await ReceiveAsync(from, buffer, told);
            if (_isHalf)
                await HoldAsync();
            if (bytes is { Length: 0 })
            {
                Finish(to);
                return;
            }

            var then = bytes is { } some
                ? drop ? Then.Drop : await PassAsync(some, to, told)
                : await StrikeAsync(told.Take(), to, told);
            if (then == Then.Hold)
                await HoldAsync();
            if (then == Then.End)
                return;
            drop = then == Then.Drop;
        }
    }

    // Null when the test wants to strike instead.
    private async Task<Memory<byte>?> ReceiveAsync(Socket from, byte[] buffer, Told told)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, told.Token);
        try
        {
            return buffer.AsMemory(0, await from.ReceiveAsync(buffer, either.Token));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<Then> PassAsync(Memory<byte> bytes, Socket to, Told told)
    {
        if (told == _down)
        {
            var armed = proxy.Armed;
            if (_watch.IsAnswer(armed?.Fault) && armed!.TryStrike() && await StrikeAsync(armed.Fault, to, told, armed) is var then and not Then.GoOn)
                return then;
            await SendAsync(bytes, to, told);
            return Then.GoOn;
        }

        while (true)
        {
            var armed = proxy.Armed;
            var at = _watch.Find(bytes.Span, armed?.Fault);
            if (at < 0)
            {
                await SendAsync(bytes, to, told);
                return Then.GoOn;
            }

            await SendAsync(bytes[..at], to, told);
            bytes = bytes[at..];
            if (armed!.TryStrike() && await StrikeAsync(armed.Fault, to, told, armed) is var then and not Then.GoOn)
                return then;
        }
    }

    private async Task<Then> StrikeAsync(Fault fault, Socket to, Told told, ArmedFault? armed = null)
    {
        switch (fault.Kind)
        {
            case FaultKind.Latency:
                await Task.Delay(fault.Delay, stop);
                return Then.GoOn;
            case FaultKind.Throttle:
                told.Slow = (fault.BytesPerSecond, armed);
                return Then.GoOn;
            case FaultKind.Corruption:
                told.CorruptNext = true;
                return Then.GoOn;
            case FaultKind.Fin:
                Finish(to);
                return Then.Drop;
            case FaultKind.Reset:
                Break(client);
                Break(_target);
                return Then.End;
            case FaultKind.HalfOpen:
                _isHalf = true;
                Break(fault.Gone == Peer.Client ? client : _target);
                return Then.Hold;
            default:
                return Then.Hold;
        }
    }

    private async Task SendAsync(Memory<byte> bytes, Socket to, Told told)
    {
        if (bytes.Length > 0 && told.CorruptNext)
        {
            bytes.Span[0] ^= 1;
            told.CorruptNext = false;
        }

        while (bytes.Length > 0)
        {
            var slow = told.Slow is (var rate, var armed) && armed?.IsOver != true ? Math.Max(1, rate / SlicesPerSecond) : int.MaxValue;
            if (slow < int.MaxValue)
                await Task.Delay(TimeSpan.FromSeconds(1) / SlicesPerSecond, stop);
            bytes = bytes[await to.SendAsync(bytes[..Math.Min(slow, bytes.Length)], stop)..];
        }
    }

    // Until the test is over.
    private Task HoldAsync() => Task.Delay(Timeout.InfiniteTimeSpan, stop);

    /// <summary>What one direction has been told.</summary>
    private sealed class Told : IDisposable
    {
        private readonly Lock _gate = new();
        private CancellationTokenSource _source = new();
        private Fault? _fault;
        private bool _isOver;

        public CancellationToken Token
        {
            get
            {
                lock (_gate)
                    return _source.Token;
            }
        }

        public (int BytesPerSecond, ArmedFault? While)? Slow { get; set; }

        public bool CorruptNext { get; set; }

        public void Tell(Fault fault)
        {
            lock (_gate)
            {
                if (_isOver)
                    return;
                _fault = fault;
                _source.Cancel();
            }
        }

        public Fault Take()
        {
            lock (_gate)
            {
                _source.Dispose();
                _source = new CancellationTokenSource();
                return _fault!;
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isOver = true;
                _source.Dispose();
            }
        }
    }
}
