using System.Text;

namespace OssProxy.Tests.Api;

/// <summary>A class says how long its uploads may take.</summary>
public sealed class ClassTimeSpecs : ApiSpecs
{
    [Fact]
    public async Task A_class_gives_its_uploads_less_time_than_the_server_gives_others()
    {
        var brief = await NewClassAsync(policy: """{"time_budget":1}""");

        // The idle time-out is thirty seconds and the server's budget six hours.
        var whole = new Form().File("img", "a.jpg", Samples.PhotoOf(100_000)).ToBytes();
        using var connection = await Server.ConnectAsync();
        await connection.SendAsync(Encoding.ASCII.GetBytes(Form.Head($"/api/chat/uploadAliyun?imageClassId={brief}", whole.Length)));
        await connection.SendAsync(whole.AsMemory(0, 20_000));

        (await connection.ReadAnswerAsync()).Should().StartWith("HTTP/1.1 408 ").And.Contain("\"errorCode\":\"ClientTooSlow\"");
        await NothingShouldRemainAsync();
    }
}
