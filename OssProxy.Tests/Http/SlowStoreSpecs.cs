using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Http;

/// <summary>A store, or the line to it, that moves a little at a time is no store that stands still: what the kernel has taken from us
/// counts when the far end has it. Linux tells; elsewhere there is nothing to see.</summary>
public sealed class SlowStoreSpecs
{
    private const int BodyBytes = 2 * 1024 * 1024;
    private const string Ok = "HTTP/1.1 200 OK\r\nx-oss-request-id: 5C3D9175B6FC201293AD****\r\nETag: \"A\"\r\nContent-Length: 0\r\n\r\n";

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    private readonly Clock _time = new();

    [Fact]
    public async Task A_store_that_takes_a_little_at_a_time_keeps_the_put_alive_longer_than_the_idle_time_out()
    {
        if (!OperatingSystem.IsLinux())
            return;

        using var far = new FarEnd(receiveBuffer: 4096);
        using var client = Client(far);
        var (put, connection) = await PutAsync(client, far);

        // More at each step than can have lain at the store before, so that some of it has come since.
        var read = 0;
        while (read < BodyBytes)
        {
            read += (await connection.ReadAsync(Math.Min(256 * 1024, BodyBytes - read))).Length;
            put.IsCompleted.Should().BeFalse("{0} bytes have been read", read);
            _time.Advance(Idle * 0.7);
        }

        await connection.SayAsync(Ok);
        (await put.WaitAsync(FarEnd.Deadline)).Length.Should().Be(BodyBytes);
    }

    [Fact]
    public async Task A_store_that_stops_taking_is_timed_out_all_the_same()
    {
        using var far = new FarEnd(receiveBuffer: 4096);
        using var client = Client(far);
        var (put, connection) = await PutAsync(client, far);
        await connection.ReadAsync(256 * 1024);
        _time.Advance(Idle * 0.7);
        put.IsCompleted.Should().BeFalse();

        // Nothing moves but the clock.
        await _time.AdvanceUntilAsync(() => put.IsCompleted, Idle / 4, "the put is given up");
        var wait = () => put;
        (await wait.Should().ThrowAsync<OssTransportException>()).Which.Error.Should().Be(OssTransportError.TimedOut);
        connection.HasNews.Should().BeTrue();
    }

    // A body that lies in memory and goes into the kernel in a few sends; then the answer is waited for.
    private static async Task<(Task<OssStored> Put, FarConnection Connection)> PutAsync(OssClient client, FarEnd far)
    {
        var put = client.Objects.PutAsync(
            ObjectKey.Parse("images/a.jpg"), new MemoryStream(new byte[BodyBytes]), null, new OssObjectSettings(), CancellationToken.None);
        var connection = await far.AcceptAsync();
        await connection.ReadHeadAsync();
        return (put, connection);
    }

    private OssClient Client(FarEnd far) => new(
        new OssOptions
        {
            Endpoint = $"http://127.0.0.1:{far.Port}",
            Region = "cn-hangzhou",
            Bucket = "photos",
            AccessKeyId = "id",
            AccessKeySecret = "secret",
            Attempts = 1,
            IdleTimeout = Idle,
        },
        _time,
        NullLogger<OssClient>.Instance,
        dialing: far.Dialing(prepare: socket => socket.SendBufferSize = 4 * BodyBytes));
}
