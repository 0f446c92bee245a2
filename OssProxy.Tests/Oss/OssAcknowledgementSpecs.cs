using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>Which answers to a write are believed.</summary>
public sealed class OssAcknowledgementSpecs
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/a.jpg");

    [Fact]
    public async Task A_store_that_tells_no_checksum_is_believed_and_ours_is_kept()
    {
        await using var store = new RawStore(async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.ReplyAsync(200, "ETag: \"E\"\r\n");
        });
        using var client = Client(store);

        var stored = await PutAsync(client);
        var part = await client.Multipart.UploadPartAsync(
            new OssPartUpload(Key, "ID"), 1, new MemoryStream("hi oss"u8.ToArray()), 6, CancellationToken.None);

        stored.Crc64.Should().Be(Crc64.Compute("hi oss"u8));
        part.Crc64.Should().Be(stored.Crc64);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 21\r\n\r\n<html>Log in</html>  ")]
    public async Task A_captive_portal_that_says_200_to_everything_is_not(string answer)
    {
        await using var store = new RawStore(async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.WriteAsync(answer);
        });
        using var client = Client(store);

        var put = () => PutAsync(client);

        (await put.Should().ThrowAsync<OssTransportException>()).Which.Error.Should().Be(OssTransportError.AnswerUnreadable);
    }

    private static Task<OssStored> PutAsync(OssClient client) => client.Objects.PutAsync(
        Key, new MemoryStream("hi oss"u8.ToArray()), null, new OssObjectSettings(), CancellationToken.None).WaitAsync(RawStore.Deadline);

    private static OssClient Client(RawStore store) => new(
        new OssOptions
        {
            Endpoint = store.Endpoint,
            Region = "cn-hangzhou",
            Bucket = "photos",
            AccessKeyId = "id",
            AccessKeySecret = "secret",
            Attempts = 1,
        },
        TimeProvider.System,
        NullLogger<OssClient>.Instance);
}
