using System.Net;
using System.Net.Sockets;
using System.Text;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Faults;

/// <summary>The instrument itself: what it is told to harm it harms, at the byte, and nothing else.</summary>
public sealed class FaultProxySpecs : IAsyncLifetime
{
    private const string Head = "PUT /a HTTP/1.1\r\nContent-Length: 10\r\n\r\n";
    private const string ChunkedHead = "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    private const string Chunks = "4\r\n0123\r\n6;x=y\r\n456789\r\n0\r\n\r\n";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private FaultProxy? _proxy;
    private RawConnection? _client;
    private RawConnection? _server;

    private FaultProxy Proxy => _proxy!;

    private RawConnection Client => _client!;

    private RawConnection Server => _server!;

    public async Task InitializeAsync()
    {
        _listener.Start();
        _proxy = FaultProxy.Before(new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Proxy.Address.Port);
        _client = new RawConnection(socket);
        _server = new RawConnection(await _listener.AcceptSocketAsync().WaitAsync(Deadline));
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        Server.Dispose();
        await Proxy.DisposeAsync();
        _listener.Stop();
    }

    [Fact]
    public async Task Without_a_fault_bytes_pass_unchanged_in_both_directions_and_so_do_ends()
    {
        await Client.SendAsync(Head + "0123456789GET / HTTP/1.1\r\n\r\n");
        Client.HalfClose();
        (await Server.ReadToEndAsync()).Should().Be(Head + "0123456789GET / HTTP/1.1\r\n\r\n");

        await Server.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
        Server.HalfClose();
        (await Client.ReadToEndAsync()).Should().Be("HTTP/1.1 200 OK\r\n\r\n");
        await Eventually.TrueAsync(() => Task.FromResult(Proxy.Open == 0), "nothing is kept of a connection that has ended");
    }

    [Theory]
    [InlineData(Moment.BeforeBody, "")]
    [InlineData(Moment.InBody, "012")]
    [InlineData(Moment.BeforeLastByte, "012345678")]
    [InlineData(Moment.AfterLastByte, "0123456789")]
    public async Task A_body_with_a_length_ends_at_the_byte_that_was_named(Moment moment, string passed)
    {
        using var fault = Proxy.Arm(new Fault(FaultKind.Fin, moment) { Request = "PUT ", At = 3 });

        await Client.SendAsync("GET / HTTP/1.1\r\n\r\n" + Head + "0123456789");

        (await Server.ReadToEndAsync()).Should().Be("GET / HTTP/1.1\r\n\r\n" + Head + passed);
        fault.Hits.Should().Be(1);
        await Server.SendAsync("still heard");
        (await Client.ReadUntilAsync("heard")).Should().Be("still heard", "the other direction stays open");
    }

    [Theory]
    [InlineData(Moment.BeforeBody, 0)]
    [InlineData(Moment.InBody, 5 + 7 + 7 - 2)]
    [InlineData(Moment.BeforeLastByte, -1)]
    [InlineData(Moment.AfterLastByte, null)]
    public async Task A_body_in_chunks_is_counted_without_its_framing(Moment moment, int? end)
    {
        using var fault = Proxy.Arm(new Fault(FaultKind.Fin, moment) { At = 5 });

        // Byte by byte, as the worst of networks would deliver it.
        foreach (var one in ChunkedHead + Chunks)
            await Client.SendAsync(one.ToString());

        var passed = end is { } at ? at < 0 ? Chunks[..^1] : Chunks[..at] : Chunks;
        (await Server.ReadToEndAsync()).Should().Be(ChunkedHead + passed);
    }

    [Fact]
    public async Task A_reset_is_heard_by_both()
    {
        using var fault = Proxy.Arm(new Fault(FaultKind.Reset, Moment.InBody) { At = 5 });

        await Client.SendAsync(Head + "0123456789");
        await fault.Struck.WaitAsync(Deadline);

        (await Server.ReadToEndAsync()).Should().Be(Head + "01234");
        (await Client.ReadToEndAsync()).Should().BeEmpty();
        await FluentActions.Awaiting(() => Client.SendAsync("x")).Should().ThrowAsync<SocketException>();
    }

    [Fact]
    public async Task An_answer_is_struck_when_the_request_is_whole_and_once_for_each_request()
    {
        using var fault = Proxy.Arm(new Fault(FaultKind.Corruption, Moment.BeforeAnswer) { Request = "PUT ", Times = 1 });

        await Client.SendAsync(Head + "01234");
        await Server.ReadUntilAsync("01234");
        await Server.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
        (await Client.ReadUntilAsync("\r\n\r\n")).Should().StartWith("HTTP", "it is not the answer yet");
        await Client.SendAsync("56789");
        await Server.ReadUntilAsync("56789");
        await Server.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
        (await Client.ReadUntilAsync("\r\n\r\n")).Should().Be("ITTP/1.1 200 OK\r\n\r\n");
        await Client.SendAsync(Head + "0123456789");
        await Server.ReadUntilAsync("56789");
        await Server.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
        (await Client.ReadUntilAsync("\r\n\r\n")).Should().Be("HTTP/1.1 200 OK\r\n\r\n");
        fault.Hits.Should().Be(1);
    }

    [Fact]
    public async Task Silence_holds_one_direction_and_leaves_the_other()
    {
        using var fault = Proxy.Arm(new Fault(FaultKind.Silence, Moment.BeforeLastByte));

        await Client.SendAsync(Head + "0123456789");
        (await Server.ReadUntilAsync("678")).Should().Be(Head + "012345678");
        await Server.SendAsync("HTTP/1.1 408 X\r\n\r\n");

        (await Client.ReadUntilAsync("\r\n\r\n")).Should().Be("HTTP/1.1 408 X\r\n\r\n");
        Client.HalfClose();
        Proxy.Open.Should().Be(1, "nobody has been told");
    }

    [Fact]
    public async Task Half_open_means_that_one_end_has_gone_and_the_other_keeps_a_connection_to_nobody()
    {
        using var fault = Proxy.Arm(new Fault(FaultKind.HalfOpen, Moment.BeforeBody) { Gone = Peer.Target });

        await Client.SendAsync(Head + "0123456789");
        (await Server.ReadToEndAsync()).Should().Be(Head);
        await Client.SendAsync("nobody objects");

        Proxy.Open.Should().Be(1);
        await Proxy.DisposeAsync();
        (await Client.ReadToEndAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_connection_is_struck_when_the_test_says_so()
    {
        await Client.SendAsync(Head + "0123");
        await Server.ReadUntilAsync("0123");

        Proxy.Strike(new Fault(FaultKind.Corruption, Moment.InBody));
        Proxy.Strike(new Fault(FaultKind.Fin, Moment.BeforeAnswer));
        (await Client.ReadToEndAsync()).Should().BeEmpty();
        await Eventually.TrueAsync(
            async () =>
            {
                await Client.SendAsync("4");
                return (await Server.ReadUntilAsync("")).Contains('5', StringComparison.Ordinal);
            },
            "the next byte is another");
    }

    [Fact]
    public async Task A_throttled_body_takes_its_time()
    {
        var length = 40_000;
        using var fault = Proxy.Arm(new Fault(FaultKind.Throttle, Moment.BeforeBody) { BytesPerSecond = 200_000 });
        var began = TimeProvider.System.GetTimestamp();

        await Client.SendAsync(FormattableString.Invariant($"PUT /a HTTP/1.1\r\nContent-Length: {length}\r\n\r\n"));
        await Client.SendAsync(Encoding.ASCII.GetBytes(new string('x', length - 1) + "y"));
        await Server.ReadUntilAsync("y");

        TimeProvider.System.GetElapsedTime(began).Should().BeGreaterThan(TimeSpan.FromSeconds(0.15));
    }
}
