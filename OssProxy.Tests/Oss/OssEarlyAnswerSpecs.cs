using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Http;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>What a store says, or does not say, at a time when nobody asks it.</summary>
public sealed class OssEarlyAnswerSpecs
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/a.jpg");

    [Fact]
    public async Task A_refusal_is_heard_while_the_client_is_waited_for()
    {
        await using var store = new RawStore(async e =>
        {
            await e.RefuseAsync(403, "InvalidAccessKeyId");
            await e.StallAsync();
        });
        using var client = Client(store.Options());
        var put = () => PutAsync(client, new ScriptedBody(ScriptedBody.Text("the beginning"), () => new TaskCompletionSource<byte[]>().Task));

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreAccessDenied);
        store.Exchanges.Should().ContainSingle();
    }

    [Fact]
    public async Task A_store_that_goes_is_noticed_while_the_client_is_waited_for()
    {
        await using var store = new RawStore(e =>
        {
            e.Close();
            return Task.CompletedTask;
        });
        using var client = Client(store.Options());
        var put = () => PutAsync(client, new ScriptedBody(ScriptedBody.Text("the beginning"), () => new TaskCompletionSource<byte[]>().Task));

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreUnreachable);
    }

    [Fact]
    public async Task A_success_that_comes_too_early_is_none_also_when_an_attempt_before_had_sent_all()
    {
        // The first attempt loses its answer; the second is answered before it has sent anything but the head.
        await using var store = new RawStore(async e =>
        {
            if (e.Method == "HEAD")
            {
                await e.RefuseAsync(404, "NoSuchKey");
                return;
            }

            if (e.Number == 1)
            {
                await e.ReadBodyAsync();
                e.Reset();
                return;
            }

            await e.ReplyAsync(200, "x-oss-request-id: 5C3D9175B6FC201293AD\r\nETag: \"E\"\r\n");
            await e.StallAsync();
        });
        using var client = Client(store.Options(options => options.Attempts = 2));
        await using var body = new MemoryStream(new byte[32 * 1024 * 1024]);
        var put = () => PutAsync(client, body);

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreFailed);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_is_no_silence_of_the_store()
    {
        var time = new Clock();
        var options = new OssOptions
        {
            Endpoint = "http://127.0.0.1:1",
            Region = "cn-hangzhou",
            Bucket = "photos",
            AccessKeyId = "id",
            AccessKeySecret = "secret",
            IdleTimeout = TimeSpan.FromSeconds(2),
            Attempts = 1,
        };
        var dialing = new Dialing { Timeout = TimeSpan.FromSeconds(10), Connect = async (_, _, token) => await Task.Delay(Timeout.Infinite, token) };
        using var client = new OssClient(options, time, NullLogger<OssClient>.Instance, dialing: dialing);
        var put = PutAsync(client, new MemoryStream([1]));
        await time.AdvanceUntilAsync(() => put.IsCompleted, TimeSpan.FromSeconds(3), "the dialing is given up");

        var wait = () => put;
        var failure = (await wait.Should().ThrowAsync<StoreException>()).Which;
        failure.Error.Should().Be(StoreError.StoreUnreachable);
        failure.MayBeStored.Should().BeFalse();
    }

    [Fact]
    public async Task An_object_that_does_not_tell_where_it_ends_is_not_read()
    {
        await using var store = new RawStore(async e =>
        {
            await e.WriteAsync("HTTP/1.0 206 Partial Content\r\nContent-Range: bytes 0-99/100\r\n\r\nhalf");
            e.Close();
        });
        using var client = Client(store.Options());
        var open = () => new OssObjectStore(client).OpenAsync(Key, new ByteRange(0, 99), CancellationToken.None);

        (await open.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreFailed);
    }

    [Fact]
    public async Task A_domain_of_other_letters_goes_over_the_wire_in_ASCII()
    {
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        var dialing = new Dialing
        {
            Timeout = RawStore.Deadline,
            Connect = (socket, _, token) => socket.ConnectAsync(IPAddress.Loopback, store.Port, token),
        };
        using var client = new OssClient(
            store.Options(options => options.Endpoint = "http://图片.example.com"), TimeProvider.System, NullLogger<OssClient>.Instance, dialing: dialing);

        await PutAsync(client, new MemoryStream([1]));

        store.Exchanges.Single().Headers["Host"].Should().Be("xn--wcsw84d.example.com");
    }

    private static OssClient Client(OssOptions options) => new(options, TimeProvider.System, NullLogger<OssClient>.Instance);

    private static Task<StoredObject> PutAsync(OssClient client, Stream body) =>
        new OssObjectStore(client).PutAsync(Key, new ObjectContent { Body = body, ContentType = "image/jpeg" }, CancellationToken.None).WaitAsync(RawStore.Deadline);
}
