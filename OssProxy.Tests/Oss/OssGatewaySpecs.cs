using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>What stands between us and the store, and answers in its place.</summary>
public sealed class OssGatewaySpecs
{
    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_gateways_refusal_leaves_open_what_the_store_has_done(int status)
    {
        // The first attempt was stored, and a gateway before the store said otherwise, without a code of the store's.
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Number == 1)
                await e.ReplyAsync(status, "Content-Type: text/html\r\n", "<html>try again</html>");
            else if (e.Method == "PUT")
                await e.RefuseAsync(409, "FileAlreadyExists");
            else
                await e.ReplyAsync(200, $"ETag: \"E\"\r\nContent-Length: 2\r\nx-oss-hash-crc64ecma: {Crc64.Compute("hi"u8)}\r\n");
        });
        using var client = new OssClient(store.Options(options => options.Attempts = 2), TimeProvider.System, NullLogger<OssClient>.Instance);

        var stored = await client.Objects.PutAsync(
            ObjectKey.Parse("images/a.jpg"), new MemoryStream("hi"u8.ToArray()), null, new OssObjectSettings { ForbidOverwrite = true }, CancellationToken.None).WaitAsync(RawStore.Deadline);

        stored.Length.Should().Be(2);
        store.Exchanges.Select(e => e.Method).Should().Equal("PUT", "PUT", "HEAD");
    }
}
