using Microsoft.Extensions.DependencyInjection;
using OssProxy.Api.Uploads;
using OssProxy.Emulator;

namespace OssProxy.Tests.Api;

/// <summary>One place for uploads: whoever has it keeps the others out, and gives it back however the upload ends.</summary>
public sealed class OpenUploadSpecs : ApiSpecs
{
    private const string Chat = "/api/chat/uploadAliyun";

    private readonly byte[] _form = new Form().File("img", "a.jpg", Samples.PhotoOf(600_000)).ToBytes();

    protected override (string, string)[] Settings =>
        [("Uploads:MaxOpen", "1"), ("Uploads:MaxFileBytes", "2000000"), ("Uploads:IdleTimeout", "00:00:01"), ("Oss:Attempts", "1")];

    [Theory]
    [InlineData(Chat, "", "上传失败: ")]
    [InlineData("/admin/image/upload", "token: " + ApiServer.AdminKey + "\r\n", "上传失败: ")]
    [InlineData("/uploadStreamSingleToServer", "", "")]
    public async Task One_upload_too_many_is_refused_at_every_door_before_its_body_is_asked_for(string path, string headers, string begin)
    {
        using var first = await BeginAsync();
        using var second = await Server.ConnectAsync();

        await second.SendAsync(Form.Head(path, 1_500_000, headers + "Expect: 100-continue\r\n"));
        var answer = await second.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(4));

        answer.Should().StartWith("HTTP/1.1 503").And.Contain("TooManyUploads").And.Contain($"\"msg\":\"{begin}正在上传的人太多")
            .And.Contain("Retry-After: 5\r\n").And.Contain("Connection: close\r\n").And.NotContain("100 Continue");
        await first.SendAsync(_form.AsMemory(_form.Length / 2));
        (await first.ReadUntilAsync("}")).Should().StartWith("HTTP/1.1 200", "who was in goes on");
        await EmptyAsync("the upload has ended");
    }

    [Fact]
    public async Task A_full_server_takes_in_no_large_body_for_the_sake_of_being_heard_but_a_small_one()
    {
        using var first = await BeginAsync();
        using var large = await Server.ConnectAsync();
        await large.SendAsync(Form.Head(Chat, 1_500_000));
        await large.SendAsync(new byte[200_000]);
        using var small = await Server.ConnectAsync();
        await small.SendAsync(Form.Head(Chat, 900_000));
        await small.SendAsync(new byte[900_000]);

        // Sooner than Kestrel's five seconds: nothing of it was waited for.
        (await large.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(4))).Should().StartWith("HTTP/1.1 503").And.Contain("TooManyUploads");
        (await small.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(4))).Should().StartWith("HTTP/1.1 503").And.Contain("TooManyUploads");
    }

    [Fact]
    public async Task Refusals_at_the_door_take_no_place()
    {
        using var first = await BeginAsync();

        await RefusedAsync(Form.Head("/admin/image/upload", 10), "401", "TokenMissing");
        await RefusedAsync(Form.Head(Chat, 10, "Content-Encoding: gzip\r\n"), "415", "EncodingNotSupported");
        await RefusedAsync(Form.Head(Chat, 10_000_000), "413", "FileTooLarge");
        await RefusedAsync(Form.Head(Chat + "?mode=pigeon", 10), "400", "TransferUnknown");

        Count.Should().Be(1);
    }

    [Fact]
    public async Task A_place_is_given_back_however_the_upload_ends()
    {
        await ShouldBeFreeAfterAsync("success", connection => AnsweredAsync(connection, _form, "200"));
        await ShouldBeFreeAfterAsync("a broken form", connection => AnsweredAsync(connection, "no form at all"u8.ToArray(), "400"));
        await ShouldBeFreeAfterAsync("a bad type", connection => AnsweredAsync(
            connection, new Form().File("img", "a.html", "<html><script>1</script>"u8).ToBytes(), "415"));
        await ShouldBeFreeAfterAsync("a body that is no form", connection => RefusedAsync(
            connection, $"POST {Chat} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi", "400", "NotMultipart"));
        await ShouldBeFreeAfterAsync("a reset", async connection =>
        {
            await HalfAsync(connection);
            connection.Reset();
        });
        await ShouldBeFreeAfterAsync("an end half-way", async connection =>
        {
            await HalfAsync(connection);
            connection.HalfClose();
        });
        await ShouldBeFreeAfterAsync("silence", HalfAsync);
        foreach (var fault in new[] { new FaultRule { Status = 500, ConsumeBody = true }, new FaultRule { Reset = FaultReset.DuringBody, ResetAfterBytes = 100_000 } })
        {
            using var rule = Server.Emulator.Faults.Add(fault with { Operation = OssOperation.PutObject, Count = 1 });
            await ShouldBeFreeAfterAsync("a store that fails", connection => AnsweredAsync(connection, _form, "502"));
            rule.Hits.Should().Be(1);
        }
    }

    private int Count => Server.Services.GetRequiredService<OpenUploads>().Count;

    private static async Task AnsweredAsync(RawConnection connection, byte[] form, string status)
    {
        await connection.SendAsync(Form.Head(Chat, form.Length));
        await connection.SendAsync(form);
        (await connection.ReadUntilAsync("}")).Should().StartWith("HTTP/1.1 " + status);
    }

    private static async Task RefusedAsync(RawConnection connection, string head, string status, string code)
    {
        await connection.SendAsync(head);
        (await connection.ReadUntilAsync("}")).Should().StartWith("HTTP/1.1 " + status).And.Contain(code);
    }

    private Task EmptyAsync(string after) => Eventually.TrueAsync(() => Task.FromResult(Count == 0), "free after " + after);

    // What is done has taken the place, or been answered, when it returns.
    private async Task ShouldBeFreeAfterAsync(string what, Func<RawConnection, Task> doAsync)
    {
        using (var connection = await Server.ConnectAsync())
        {
            await doAsync(connection);
            await EmptyAsync(what);
        }

        using var next = await BeginAsync();
        await next.SendAsync(_form.AsMemory(_form.Length / 2));
        (await next.ReadUntilAsync("}")).Should().StartWith("HTTP/1.1 200", "a place is free after {0}", what);
        await EmptyAsync(what);
    }

    private async Task HalfAsync(RawConnection connection)
    {
        await connection.SendAsync(Form.Head(Chat, _form.Length));
        await connection.SendAsync(_form.AsMemory(0, _form.Length / 2));
        await Eventually.TrueAsync(() => Task.FromResult(Count == 1), "the upload is open");
    }

    private async Task<RawConnection> BeginAsync()
    {
        var connection = await Server.ConnectAsync();
        await HalfAsync(connection);
        return connection;
    }

    private async Task RefusedAsync(string head, string status, string code)
    {
        using var connection = await Server.ConnectAsync();
        await RefusedAsync(connection, head, status, code);
    }
}
