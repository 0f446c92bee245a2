using OssProxy.Emulator;

namespace OssProxy.Tests.Api;

/// <summary>A store that fails in the middle of a file, while the client is still sending and does not listen.</summary>
public sealed class PartFailureSpecs : ApiSpecs
{
    protected override (string, string)[] Settings => [("Uploads:PartBytes", "1048576"), ("Oss:Attempts", "1")];

    [Theory]
    [InlineData("parts")]
    [InlineData("stream")]
    public async Task A_client_that_listens_only_after_its_last_byte_hears_that_the_store_has_failed(string mode)
    {
        using var rule = Server.Emulator.Faults.Add(new FaultRule
        {
            Operation = mode == "parts" ? OssOperation.UploadPart : OssOperation.PutObject,
            Status = 403,
            Code = "AccessDenied",
        });
        var form = new Form().File("img", "a.jpg", Samples.PhotoOf(20_000_000)).ToBytes();
        using var connection = await Server.ConnectAsync();

        await connection.SendAsync(Form.Head("/api/chat/uploadAliyun?mode=" + mode, form.Length));

        // The store refuses while the server waits for the client; the rest comes after that.
        await connection.SendAsync(form.AsMemory(0, 3_000_000));
        await Eventually.TrueAsync(
            async () => rule.Hits > 0 && (mode == "stream" || (await Server.RowsAsync()).Pending == 0), "the store has refused");
        await connection.SendAsync(form.AsMemory(3_000_000));
        var answer = await connection.ReadUntilAsync("}");

        answer.Should().StartWith("HTTP/1.1 502").And.Contain("StoreAccessDenied");
        await NothingShouldRemainAsync();
    }
}
