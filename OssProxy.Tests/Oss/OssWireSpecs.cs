using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Http;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

public sealed class OssWireSpecs
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/20260304/a.jpg");
    private static readonly OssObjectSettings Jpeg = new()
    {
        ContentType = "image/jpeg",
        ContentDisposition = "inline",
        CacheControl = "max-age=31536000",
        ForbidOverwrite = true,
        Metadata = new Dictionary<string, string> { ["class"] = "7" },
    };

    [Theory]
    [InlineData("a+b c~d!e*f'g(h)%25&i=j?k#l.bin", "/photos/a%2Bb%20c~d%21e%2Af%27g%28h%29%2525%26i%3Dj%3Fk%23l.bin")]
    [InlineData("目录//图片 1.png", "/photos/%E7%9B%AE%E5%BD%95//%E5%9B%BE%E7%89%87%201.png")]
    [InlineData("[x]{y}|z\\w^`\"<>", "/photos/%5Bx%5D%7By%7D%7Cz%5Cw%5E%60%22%3C%3E")]
    [InlineData("...a/.b/c../~", "/photos/...a/.b/c../~")]
    [InlineData("😀/-_.", "/photos/%F0%9F%98%80/-_.")]
    public async Task A_key_arrives_as_it_was_encoded(string key, string target)
    {
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        using var client = Client(store);
        await client.Objects.PutAsync(ObjectKey.Parse(key), new MemoryStream([1]), null, Jpeg, CancellationToken.None);

        store.Exchanges.Single().RequestLine.Should().Be($"PUT {target} HTTP/1.1");
    }

    [Fact]
    public async Task A_body_of_known_length_says_it_and_what_is_kept_beside_it_comes_as_headers()
    {
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        using var client = Client(store);
        var stored = await client.Objects.PutAsync(Key, new MemoryStream("hi oss"u8.ToArray()), null, Jpeg, CancellationToken.None);

        stored.Should().Be(new OssStored("5D41402ABC4B2A76B9719D911017C592", 8707180448768400016, 6));
        var sent = store.Exchanges.Single();
        sent.Headers.Should().Contain("Content-Length", "6").And.NotContainKey("Transfer-Encoding").And.Contain("Content-Type", "image/jpeg")
            .And.Contain("Content-Disposition", "inline").And.Contain("Cache-Control", "max-age=31536000")
            .And.Contain("x-oss-forbid-overwrite", "true").And.Contain("x-oss-meta-class", "7")
            .And.Contain("x-oss-content-sha256", "UNSIGNED-PAYLOAD").And.ContainKey("x-oss-date")
            .And.NotContainKey("Expect").And.NotContainKey("traceparent");
        sent.Headers["Authorization"].Should().StartWith("OSS4-HMAC-SHA256 Credential=LTAI-EXAMPLE/");
        Encoding.UTF8.GetString(sent.Body.ToArray()).Should().Be("hi oss");
    }

    [Fact]
    public async Task A_body_of_unknown_length_goes_out_chunked()
    {
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        using var client = Client(store);
        await client.Objects.PutAsync(Key, new ScriptedBody(ScriptedBody.Text("hi "), ScriptedBody.Text("oss")), null, Jpeg, CancellationToken.None);

        var sent = store.Exchanges.Single();
        sent.Headers.Should().Contain("Transfer-Encoding", "chunked").And.NotContainKey("Content-Length");
        Encoding.UTF8.GetString(sent.Body.ToArray()).Should().Be("hi oss");
    }

    [Fact]
    public async Task V1_signs_with_date_and_token()
    {
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        using var client = Client(store, o =>
        {
            o.Signature = OssSignature.V1;
            o.SecurityToken = "CAIS/token";
        });
        await client.Objects.PutAsync(Key, new MemoryStream(), null, Jpeg, CancellationToken.None);

        var sent = store.Exchanges.Single();
        sent.Headers["Authorization"].Should().StartWith("OSS LTAI-EXAMPLE:");
        sent.Headers.Should().ContainKey("Date").And.Contain("x-oss-security-token", "CAIS/token").And.Contain("Content-Length", "0");
    }

    [Fact]
    public async Task Virtual_hosting_puts_the_bucket_into_the_host()
    {
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        var dialing = new Dialing
        {
            Timeout = RawStore.Deadline,
            Connect = (socket, _, token) => socket.ConnectAsync(IPAddress.Loopback, store.Port, token),
        };
        var options = store.Options(o =>
        {
            o.Endpoint = "http://oss-cn-hangzhou.aliyuncs.com";
        });
        using var client = new OssClient(options, TimeProvider.System, NullLogger<OssClient>.Instance, dialing: dialing);
        await client.Objects.PutAsync(Key, new MemoryStream([1]), null, Jpeg, CancellationToken.None);

        var sent = store.Exchanges.Single();
        sent.RequestLine.Should().Be("PUT /images/20260304/a.jpg HTTP/1.1");
        sent.Headers["Host"].Should().Be("photos.oss-cn-hangzhou.aliyuncs.com");
    }

    [Fact]
    public async Task A_range_is_asked_for_by_the_standard_and_its_ends_come_back()
    {
        await using var store = new RawStore(e => e.ReplyAsync(
            206, "Content-Type: text/plain\r\nContent-Range: bytes 5-9/10\r\nx-oss-hash-crc64ecma: 7\r\nETag: \"AB\"\r\n", "56789"));
        using var client = Client(store);
        await using var download = await client.Objects.GetAsync(Key, new ByteRange(5, 15), CancellationToken.None);

        download!.Range.Should().Be(new ByteRange(5, 9));
        download.Source.Should().BeEquivalentTo(new { Length = 10L, Crc64 = 7UL, ETag = "AB", ContentType = "text/plain" });
        (await new StreamReader(download.Body).ReadToEndAsync()).Should().Be("56789");
        store.Exchanges.Single().Headers.Should().Contain("Range", "bytes=5-15").And.Contain("x-oss-range-behavior", "standard");
    }

    [Fact]
    public async Task Requests_without_a_body_say_so_where_OSS_asks()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            await e.ReplyAsync(200, "", e.Method == "POST"
                ? "<InitiateMultipartUploadResult><UploadId>0004B9894A22E5B1888A1E29F8236E2D</UploadId></InitiateMultipartUploadResult>"
                : "<CopyObjectResult><ETag>\"A\"</ETag></CopyObjectResult>");
        });
        using var client = Client(store);
        var upload = await client.Multipart.InitiateAsync(Key, Jpeg, CancellationToken.None);
        await client.Objects.CopyAsync(ObjectKey.Parse("a+b c.png"), Key, null, CancellationToken.None);

        upload.UploadId.Should().Be("0004B9894A22E5B1888A1E29F8236E2D");
        store.Exchanges[0].RequestLine.Should().Be("POST /photos/images/20260304/a.jpg?uploads HTTP/1.1");
        store.Exchanges[0].Headers.Should().Contain("Content-Length", "0").And.Contain("Content-Type", "image/jpeg");
        store.Exchanges[1].Headers.Should().Contain("Content-Length", "0").And.Contain("x-oss-copy-source", "/photos/a%2Bb%20c.png");
    }

    [Fact]
    public async Task A_value_that_a_header_cannot_carry_is_refused_before_anything_is_sent()
    {
        await using var store = new RawStore(e => e.AcknowledgeAsync());
        using var client = Client(store);
        var put = () => client.Objects.PutAsync(
            Key, new MemoryStream([1]), null, Jpeg with { ContentDisposition = "inline\r\nx-oss-object-acl: public-read" }, CancellationToken.None);

        await put.Should().ThrowAsync<ArgumentException>();
        store.Exchanges.Should().BeEmpty();
    }

    [Fact]
    public async Task Listings_are_decoded_and_followed_page_by_page()
    {
        await using var store = new RawStore(e => e.ReplyAsync(200, "", e.RequestLine.Contains("continuation-token")
            ? "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents><Key>b%0Ac</Key><Size>2</Size></Contents></ListBucketResult>"
            : "<ListBucketResult xmlns=\"http://doc.oss-cn-hangzhou.aliyuncs.com\"><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
                + "<NextContinuationToken>CgJi+/w=</NextContinuationToken><Contents><Key>a%2Bb%20c+d</Key><Size>1</Size><ETag>\"X\"</ETag>"
                + "<LastModified>2012-02-24T08:43:27.000Z</LastModified></Contents></ListBucketResult>"));
        using var client = Client(store);
        var entries = new List<OssListedObject>();
        await foreach (var entry in client.Bucket.ListAsync("图/", CancellationToken.None))
            entries.Add(entry);

        entries.Should().Equal(
            new OssListedObject("a+b c d", 1, "X", new DateTimeOffset(2012, 2, 24, 8, 43, 27, TimeSpan.Zero), null),
            new OssListedObject("b\nc", 2, null, null, null));
        store.Exchanges[0].RequestLine.Should().Be("GET /photos/?list-type=2&encoding-type=url&max-keys=1000&prefix=%E5%9B%BE%2F HTTP/1.1");
        store.Exchanges[1].RequestLine.Should().EndWith("&continuation-token=CgJi%2B%2Fw%3D HTTP/1.1");
    }

    [Fact]
    public async Task Many_deletions_carry_their_digest_and_escape_their_keys()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            await e.ReplyAsync(200, "", "<DeleteResult><EncodingType>url</EncodingType><Deleted><Key>a%3Cb%26c</Key></Deleted></DeleteResult>");
        });
        using var client = Client(store);
        var gone = await client.Objects.DeleteManyAsync([ObjectKey.Parse("a<b&c")], CancellationToken.None);

        gone.Should().Equal("a<b&c");
        var sent = store.Exchanges.Single();
        sent.RequestLine.Should().Be("POST /photos/?delete&encoding-type=url HTTP/1.1");
        Encoding.UTF8.GetString(sent.Body.ToArray()).Should().Be("<Delete><Quiet>false</Quiet><Object><Key>a&lt;b&amp;c</Key></Object></Delete>");
        sent.Headers["Content-MD5"].Should().Be(Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(sent.Body.ToArray())));
    }

    private static OssClient Client(RawStore store, Action<OssOptions>? change = null) =>
        new(store.Options(change), TimeProvider.System, NullLogger<OssClient>.Instance);
}
