using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Benchmarks.Sink;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>The sink of the benchmarks, as our client sees it: an upload must not be able to tell it from OSS.</summary>
public sealed class OssSinkSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly ObjectKey Key = ObjectKey.Parse("images/20260105/a b.jpg");
    private static readonly OssObjectSettings Settings = new() { ContentType = "image/jpeg", ForbidOverwrite = true };

    private readonly CancellationTokenSource _deadline = new(Deadline);
    private readonly OssSink _sink = new(port: 0);
    private readonly OssClient _client;

    public OssSinkSpecs() => _client = new OssClient(
        new OssOptions
        {
            Endpoint = _sink.Address.ToString().TrimEnd('/'),
            Region = "cn-hangzhou",
            Bucket = "bench",
            AccessKeyId = "bench-id",
            AccessKeySecret = "bench-secret",
            Attempts = 1,
        },
        TimeProvider.System,
        NullLogger<OssClient>.Instance);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _sink.DisposeAsync().AsTask().WaitAsync(Deadline);
        _deadline.Dispose();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(5, false)]
    [InlineData(3_000_001, true)]
    [InlineData(3_000_001, false)]
    public async Task An_object_is_acknowledged_and_remembered_with_its_own_checksum(int length, bool promised)
    {
        var bytes = MakeBytes(length);
        var body = new ScriptedBody(() => Task.FromResult(bytes[..(length / 3)]), () => Task.FromResult(bytes[(length / 3)..]));

        var stored = await _client.Objects.PutAsync(Key, body, promised ? length : null, Settings, _deadline.Token);
        var found = await _client.Objects.HeadAsync(Key, _deadline.Token);

        stored.Should().BeEquivalentTo(new { Crc64 = (ulong?)Crc64.Compute(bytes), Length = (long)length });
        found.Should().BeEquivalentTo(new { stored.Length, stored.Crc64, stored.ETag });
        (await TakenAsync()).Should().Be($"1 {length}\n");
    }

    [Fact]
    public async Task A_key_that_is_taken_is_refused_until_it_is_deleted()
    {
        await PutAsync();
        var again = await FluentActions.Awaiting(PutAsync).Should().ThrowAsync<OssException>();
        again.Which.Should().BeEquivalentTo(new { Status = 409, Code = "FileAlreadyExists" });

        await _client.Objects.DeleteAsync(Key, _deadline.Token);
        (await _client.Objects.HeadAsync(Key, _deadline.Token)).Should().BeNull();
        await PutAsync();
    }

    [Fact]
    public async Task Parts_become_one_object_with_the_checksum_of_the_whole()
    {
        var bytes = MakeBytes(400_000);
        var upload = await _client.Multipart.InitiateAsync(Key, Settings, _deadline.Token);

        // The second before the first: they go up side by side.
        var second = await PartAsync(upload, 2, bytes[150_000..]);
        var first = await PartAsync(upload, 1, bytes[..150_000]);
        var stored = await _client.Multipart.CompleteAsync(upload, [first, second], forbidOverwrite: true, _deadline.Token);

        stored.Should().BeEquivalentTo(new { Crc64 = (ulong?)Crc64.Compute(bytes), Length = 400_000L });
        (await TakenAsync()).Should().Be("1 400000\n");
    }

    [Fact]
    public async Task Parts_of_an_upload_that_was_aborted_are_refused()
    {
        var upload = await _client.Multipart.InitiateAsync(Key, Settings, _deadline.Token);
        await _client.Multipart.AbortAsync(upload, _deadline.Token);

        var late = await FluentActions.Awaiting(() => PartAsync(upload, 1, [1])).Should().ThrowAsync<OssException>();

        late.Which.Code.Should().Be("NoSuchUpload");
        (await TakenAsync()).Should().Be("0 0\n");
    }

    [Fact]
    public async Task A_client_that_waits_for_100_Continue_gets_it()
    {
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Deadline });
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_sink.Address, "/bench/a")) { Content = new StringContent("hi") };
        request.Headers.ExpectContinue = true;

        using var reply = await http.SendAsync(request, _deadline.Token).WaitAsync(Deadline / 2);

        reply.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private Task<OssStored> PutAsync() => _client.Objects.PutAsync(Key, new MemoryStream([1, 2, 3]), 3, Settings, _deadline.Token);

    private Task<OssPart> PartAsync(OssPartUpload upload, int number, byte[] bytes) =>
        _client.Multipart.UploadPartAsync(upload, number, new MemoryStream(bytes), bytes.Length, _deadline.Token);

    private async Task<string> TakenAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(_sink.Address, OssSink.TakenPath), _deadline.Token);
    }

    private static byte[] MakeBytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
