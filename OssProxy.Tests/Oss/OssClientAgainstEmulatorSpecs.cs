using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Http;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using ByteRange = OssProxy.Core.Storage.ByteRange;

namespace OssProxy.Tests.Oss;

/// <summary>Every operation against an OSS that shares no code with the client, over HTTP, with each signature and each address.</summary>
public sealed class OssClientAgainstEmulatorSpecs : IAsyncLifetime
{
    private static readonly OssObjectSettings Settings = new()
    {
        ContentType = "text/plain; charset=utf-8",
        ContentDisposition = "attachment; filename=\"a.txt\"",
        CacheControl = "max-age=60",
        Metadata = new Dictionary<string, string> { ["class"] = "7" },
    };

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "ossproxy-client-" + Guid.NewGuid().ToString("N"));
    private EmulatorServer _server = null!;

    public static TheoryData<OssSignature, OssAddressing> Ways => new()
    {
        { OssSignature.V4, OssAddressing.Path },
        { OssSignature.V4, OssAddressing.Virtual },
        { OssSignature.V1, OssAddressing.Path },
        { OssSignature.V1, OssAddressing.Virtual },
    };

    public static TheoryData<string> AwkwardKeys =>
    [
        "a+b c~d!e*f'g(h)%25&i=j?k#l.bin", "目录/图片 1.png", "😀/x", "[x]{y}|z\\w^`\"<>", "a//b/", ".../..a/.b", " leading-and-trailing ",
        "a%2Fb", "a:b@c,d;e$f", "e\u0301/\u00e9", "?acl", "uploads",
    ];

    public async Task InitializeAsync() => _server = await EmulatorServer.StartAsync(
        new EmulatorOptions
        {
            Urls = "http://127.0.0.1:0",
            Folder = _folder,
            Buckets = { new() { Name = "photos", Acl = "private" } },
            Credentials =
            {
                new() { AccessKeyId = "LTAI-EXAMPLE", AccessKeySecret = "example-secret" },
                new() { AccessKeyId = "STS.EXAMPLE", AccessKeySecret = "sts-secret", SecurityToken = "CAIS-example/token+with==chars" },
            },
            Limits = { MinPartBytes = 4 },
        },
        CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_object_is_put_found_read_copied_listed_and_removed(OssSignature signature, OssAddressing addressing)
    {
        using var client = Client(signature, addressing);
        var key = ObjectKey.Parse("目录/a+b c.txt");
        var copy = ObjectKey.Parse("目录/copy of a+b.txt");

        var stored = await client.Objects.PutAsync(key, new ScriptedBody(ScriptedBody.Text("012"), ScriptedBody.Text("3456789")), null, Settings, Token);
        stored.Should().Be(new OssStored(stored.ETag, Crc64.Compute("0123456789"u8), 10));
        await client.Objects.PutAsync(ObjectKey.Parse("目录/sized"), new MemoryStream([1, 2, 3]), 3, Settings, Token);

        var head = await client.Objects.HeadAsync(key, Token);
        head.Should().BeEquivalentTo(new
        {
            Length = 10L,
            ContentType = "text/plain; charset=utf-8",
            ContentDisposition = "attachment; filename=\"a.txt\"",
            CacheControl = "max-age=60",
            Crc64 = (ulong?)stored.Crc64,
            stored.ETag,
            Type = "Normal",
            Metadata = new Dictionary<string, string> { ["class"] = "7" },
        });
        head!.LastModified.Should().NotBeNull();

        (await ReadAsync(client, key, null)).Should().Be(("0123456789", null));
        (await ReadAsync(client, key, new ByteRange(2, 4))).Should().Be(("234", new ByteRange(2, 4)));
        (await ReadAsync(client, key, new ByteRange(7, null))).Should().Be(("789", new ByteRange(7, 9)));
        (await ReadAsync(client, key, new ByteRange(5, 100))).Should().Be(("56789", new ByteRange(5, 9)));
        var beyond = () => client.Objects.GetAsync(key, new ByteRange(10, null), Token);
        (await beyond.Should().ThrowAsync<OssException>()).Which.Code.Should().Be("InvalidRange");

        await client.Objects.CopyAsync(key, copy, null, Token);
        (await client.Objects.HeadAsync(copy, Token)).Should().BeEquivalentTo(new { Crc64 = (ulong?)stored.Crc64, ContentType = "text/plain; charset=utf-8" });

        var page = await client.Bucket.ListPageAsync(new OssListQuery { Prefix = "目录/", MaxKeys = 2 }, Token);
        page.Objects.Select(o => o.Key).Should().Equal(key.Value, copy.Value);
        page.NextContinuationToken.Should().NotBeNull();
        (await client.Bucket.ListPageAsync(new OssListQuery { Prefix = "目录/", ContinuationToken = page.NextContinuationToken }, Token))
            .Objects.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Key = "目录/sized", Length = 3L });
        (await client.Bucket.ListPageAsync(new OssListQuery { Delimiter = "/" }, Token)).CommonPrefixes.Should().Equal("目录/");

        await client.Objects.DeleteAsync(copy, Token);
        await client.Objects.DeleteAsync(copy, Token);
        (await client.Objects.HeadAsync(copy, Token)).Should().BeNull();
        (await client.Objects.GetAsync(copy, null, Token)).Should().BeNull();
        (await client.Objects.DeleteManyAsync([key, ObjectKey.Parse("目录/sized"), ObjectKey.Parse("absent")], Token)).Should().HaveCount(3);
        (await client.Objects.HeadAsync(key, Token)).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_object_is_put_together_from_parts(OssSignature signature, OssAddressing addressing)
    {
        using var client = Client(signature, addressing);
        var key = ObjectKey.Parse("大/video 1.mp4");
        var upload = await client.Multipart.InitiateAsync(key, Settings with { ForbidOverwrite = true }, Token);
        var pending = await CollectAsync(client.Multipart.ListUploadsAsync("大/", Token));
        pending.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Key = key.Value, upload.UploadId });

        var parts = new[]
        {
            await client.Multipart.UploadPartAsync(upload, 1, new MemoryStream("12345"u8.ToArray()), 5, Token),
            await client.Multipart.UploadPartAsync(upload, 3, new ScriptedBody(ScriptedBody.Text("6789")), null, Token),
        };
        (await CollectAsync(client.Multipart.ListPartsAsync(upload, Token))).Should().Equal(parts);

        var stored = await client.Multipart.CompleteAsync(upload, parts, true, Token);
        stored.Should().BeEquivalentTo(new { Crc64 = 11051210869376104954UL, Length = 9L });
        (await client.Objects.HeadAsync(key, Token)).Should().BeEquivalentTo(new { Length = 9L, Type = "Multipart", ContentType = Settings.ContentType });

        var other = await client.Multipart.InitiateAsync(ObjectKey.Parse("大/other"), Settings, Token);
        await client.Multipart.UploadPartAsync(other, 1, new MemoryStream([1]), 1, Token);
        await client.Multipart.AbortAsync(other, Token);
        await client.Multipart.AbortAsync(other, Token);
        (await CollectAsync(client.Multipart.ListUploadsAsync(null, Token))).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_bucket_describes_itself(OssSignature signature, OssAddressing addressing)
    {
        using var client = Client(signature, addressing);
        (await client.Bucket.DescribeAsync(Token)).Should().BeEquivalentTo(new { Name = "photos", Location = "oss-cn-hangzhou", Acl = "private" });
    }

    [Theory]
    [MemberData(nameof(AwkwardKeys))]
    public async Task An_awkward_key_means_the_same_object_everywhere(string text)
    {
        var key = ObjectKey.Parse(text);
        foreach (var way in Ways)
        {
            using var client = Client((OssSignature)way[0], (OssAddressing)way[1]);
            await client.Objects.PutAsync(key, new MemoryStream("x"u8.ToArray()), null, Settings, Token);
            (await ReadAsync(client, key, null)).Should().Be(("x", null));
            (await CollectAsync(client.Bucket.ListAsync(text, Token))).Should().ContainSingle().Which.Key.Should().Be(text);
            (await client.Objects.DeleteManyAsync([key], Token)).Should().Equal(text);
            (await CollectAsync(client.Bucket.ListAsync(null, Token))).Should().BeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Temporary_credentials_are_accepted_in_headers_and_URLs(OssSignature signature, OssAddressing addressing)
    {
        using var client = Client(signature, addressing, o =>
        {
            o.AccessKeyId = "STS.EXAMPLE";
            o.AccessKeySecret = "sts-secret";
            o.SecurityToken = "CAIS-example/token+with==chars";
        });
        var key = ObjectKey.Parse("a+b c.txt");
        using var http = new HttpClient(Handler);
        using var content = new ByteArrayContent("signed"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "text/plain");
        var put = await client.Presigner.SignAsync(
            HttpMethod.Put, key, TimeSpan.FromMinutes(1), new OssUrlTerms { Headers = [KeyValuePair.Create("Content-Type", "text/plain")] }, Token);
        (await http.PutAsync(put, content)).StatusCode.Should().Be(HttpStatusCode.OK);

        (await ReadAsync(client, key, null)).Should().Be(("signed", null));
        var get = await client.Presigner.SignAsync(
            HttpMethod.Get, key, TimeSpan.FromMinutes(1),
            new OssUrlTerms { Query = [KeyValuePair.Create("response-content-type", "text/x; y=图")] }, Token);
        using var answer = await http.GetAsync(get);
        (await answer.Content.ReadAsStringAsync()).Should().Be("signed");
    }

    [Fact]
    public async Task A_taken_key_is_refused_and_keeps_its_object()
    {
        using var client = Client(OssSignature.V4, OssAddressing.Path);
        var store = new OssObjectStore(client);
        var key = ObjectKey.Parse("k");
        ObjectContent Content(string text) => new() { Body = new MemoryStream(Encoding.UTF8.GetBytes(text)), ContentType = "text/plain" };
        await store.PutAsync(key, Content("first"), Token);
        var again = () => store.PutAsync(key, Content("second"), Token);

        (await again.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.ObjectExists);
        await using var reading = await store.OpenAsync(key, null, Token);
        (await new StreamReader(reading!.Body).ReadToEndAsync()).Should().Be("first");
    }

    [Fact]
    public async Task A_wrong_secret_a_wrong_bucket_and_a_wrong_region_are_told_apart()
    {
        async Task<StoreError> FailAsync(Action<OssOptions> change)
        {
            using var client = Client(OssSignature.V4, OssAddressing.Path, change);
            var head = () => new OssObjectStore(client).HeadAsync(ObjectKey.Parse("k"), Token);
            return (await head.Should().ThrowAsync<StoreException>()).Which.Error;
        }

        (await FailAsync(o => o.AccessKeySecret = "wrong")).Should().Be(StoreError.StoreAccessDenied);
        (await FailAsync(o => o.AccessKeyId = "unknown")).Should().Be(StoreError.StoreAccessDenied);
        (await FailAsync(o => o.Bucket = "absent")).Should().Be(StoreError.StoreMisconfigured);
        (await FailAsync(o => o.Region = "cn-shanghai")).Should().Be(StoreError.StoreMisconfigured);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_resets_before_its_answer_has_the_object_all_the_same(bool seekable)
    {
        using var fault = _server.Faults.Add(new() { Operation = OssOperation.PutObject, Count = 1, Reset = FaultReset.BeforeReply });
        using var client = Client(OssSignature.V4, OssAddressing.Path);
        Stream body = seekable ? new MemoryStream("hi oss"u8.ToArray()) : new ScriptedBody(ScriptedBody.Text("hi oss"));
        var stored = await client.Objects.PutAsync(ObjectKey.Parse("k"), body, null, Settings with { ForbidOverwrite = true }, Token);

        stored.Crc64.Should().Be(8707180448768400016);
        fault.Hits.Should().Be(1);
    }

    [Fact]
    public async Task A_body_that_breaks_leaves_nothing()
    {
        using var client = Client(OssSignature.V4, OssAddressing.Path);
        foreach (var length in new long?[] { null, 1_000_000 })
        {
            var body = new ScriptedBody(ScriptedBody.Text(new string('x', 200_000)), () => Task.FromException<byte[]>(new PhoneInTunnelException()));
            var put = () => client.Objects.PutAsync(ObjectKey.Parse("broken"), body, length, Settings, Token);
            await put.Should().ThrowAsync<PhoneInTunnelException>();
        }

        (await CollectAsync(client.Bucket.ListAsync(null, Token))).Should().BeEmpty();
    }

    private static CancellationToken Token => CancellationToken.None;

    private static async Task<(string Text, ByteRange? Range)> ReadAsync(OssClient client, ObjectKey key, ByteRange? range)
    {
        await using var download = await client.Objects.GetAsync(key, range, Token);
        return (await new StreamReader(download!.Body).ReadToEndAsync(), download.Range);
    }

    private static async Task<List<T>> CollectAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
            list.Add(item);

        return list;
    }

    /// <summary>Whatever <c>photos.localhost</c> resolves to on this machine, it means the emulator.</summary>
    private SocketsHttpHandler Handler => new()
    {
        UseProxy = false,
        ConnectCallback = async (_, token) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, _server.Address.Port, token);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private Dialing ToTheEmulator => new()
    {
        Timeout = TimeSpan.FromSeconds(10),
        Connect = (socket, _, token) => socket.ConnectAsync(IPAddress.Loopback, _server.Address.Port, token),
    };

    private OssClient Client(OssSignature signature, OssAddressing addressing, Action<OssOptions>? change = null)
    {
        var host = addressing == OssAddressing.Virtual ? "localhost" : "127.0.0.1";
        var options = new OssOptions
        {
            Endpoint = $"http://{host}:{_server.Address.Port}",
            Region = "cn-hangzhou",
            Bucket = "photos",
            AccessKeyId = "LTAI-EXAMPLE",
            AccessKeySecret = "example-secret",
            Signature = signature,
            Addressing = addressing,
        };
        change?.Invoke(options);
        return new OssClient(options, TimeProvider.System, NullLogger<OssClient>.Instance, dialing: addressing == OssAddressing.Virtual ? ToTheEmulator : null);
    }
}
