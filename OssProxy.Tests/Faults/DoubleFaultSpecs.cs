using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Oss;

namespace OssProxy.Tests.Faults;

/// <summary>Two faults that meet in one upload, each of which alone is noticed and mended.</summary>
public sealed class DoubleFaultSpecs
{
    [Theory]
    [InlineData("stream")]
    [InlineData("temp")]
    public async Task A_body_harmed_on_its_way_whose_answer_is_lost_too_is_no_other_ones_object_and_does_not_stay(string mode)
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-faults-").FullName;
        var emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(folder, "oss")), CancellationToken.None);
        await using var network = FaultProxy.Before(emulator.Address);
        await using var server = await ApiServer.StartAsync(
            emulator, folder, ("Oss:Endpoint", network.Address.ToString().TrimEnd('/')), ("Uploads:RecheckDelay", "00:00:01"), ("Oss:Attempts", "2"));
        using var harmed = network.Arm(new Fault(FaultKind.Corruption, Moment.InBody) { Request = "PUT ", At = 100_000 });
        using var lost = emulator.Faults.Add(new FaultRule { Operation = OssOperation.PutObject, Reset = FaultReset.BeforeReply });

        using var content = new Form().File("img", "a.jpg", Samples.PhotoOf(300_000)).ToContent();
        using var response = await server.Client.PostAsync(new Uri("/api/chat/uploadAliyun?mode=" + mode, UriKind.Relative), content);

        harmed.Hits.Should().BePositive();
        lost.Hits.Should().BePositive();
        await Eventually.TrueAsync(
            async () => await server.RowsAsync() is { Pending: 0, Stored: 0 } && (await server.ObjectsAsync()).Count == 0, "no row and no object");
        // Where a digest goes ahead of the body the store takes no harmed one, and only the lost answer is left to tell of.
        (await Answer.ReadAsync(response)).ErrorCode.Should().BeOneOf("ChecksumMismatch", "StoreUnreachable");
    }
    [Theory]
    [InlineData("Last-Modified: Sat, 01 Nov 2025 08:00:00 GMT\r\n")]
    [InlineData("")]
    public async Task An_object_that_was_there_before_is_not_touched_however_long_it_is(string modified)
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Number == 1)
                e.Reset();
            else if (e.Method == "PUT")
                await e.RefuseAsync(409, "FileAlreadyExists");
            else
                await e.ReplyAsync(200, "ETag: \"E\"\r\nContent-Length: 6\r\nx-oss-hash-crc64ecma: 1\r\n" + modified);
        });
        using var client = new OssClient(store.Options(options => options.Attempts = 2), TimeProvider.System, NullLogger<OssClient>.Instance);
        var put = () => client.Objects.PutAsync(
            ObjectKey.Parse("a"), new MemoryStream("hi oss"u8.ToArray()), null, new OssObjectSettings { ForbidOverwrite = true },
            CancellationToken.None);

        (await put.Should().ThrowAsync<OssException>()).Which.Code.Should().Be("FileAlreadyExists");
        store.Exchanges.Select(e => e.Method).Should().Equal("PUT", "PUT", "HEAD");
    }
}
