using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>What operators read: nothing that a client can do looks like an outage, and a setting that is wrong is named.</summary>
public sealed class LogSpecs : ProcessSpecs
{
    [Fact]
    public async Task A_client_that_goes_silent_or_breaks_off_is_no_error()
    {
        var settings = Settings();
        settings["Uploads:IdleTimeout"] = "00:00:01";
        await using var server = await ServerProcess.StartAsync(settings, Folder);
        var form = new Form().File("img", "a.jpg", Samples.PhotoOf(3_000_000)).ToBytes();

        using var silent = await server.ConnectAsync();
        await silent.SendAsync(Form.Head("/api/chat/uploadAliyun", form.Length));
        await silent.SendAsync(form.AsMemory(0, 2_000_000));
        (await silent.ReadToEndAsync()).Should().StartWith("HTTP/1.1 408");
        using var broken = await server.ConnectAsync();
        await broken.SendAsync(Form.Head("/api/chat/uploadAliyun", form.Length));
        await broken.SendAsync(form.AsMemory(0, 2_000_000));
        broken.Reset();

        server.Terminate();
        await server.ExitAsync();
        server.Output.Should().NotContain("\"Level\":\"Error\"").And.NotContain("\"Level\":\"Warning\"");
    }

    [Theory]
    [InlineData("Uploads:MaxFileBytes", "50MB")]
    [InlineData("Server:DrainTimeout", "soon")]
    public async Task A_value_that_cannot_be_read_is_named_and_ends_with_1(string key, string value)
    {
        var settings = Settings();
        settings[key] = value;

        await using var server = await ServerProcess.RunAsync([], settings, Folder);

        server.ExitCode.Should().Be(1);
        server.Output.Should().Contain(key).And.NotContain("Unhandled exception");
    }
}
