using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Records;
using OssProxy.Emulator;

namespace OssProxy.Tests.Api;

/// <summary>A deployment that keeps no records: what clients see is unchanged, and a running process still leaves nothing behind.</summary>
public sealed class WithoutRecordsSpecs : ApiSpecs
{
    private const string Chat = "/api/chat/uploadAliyun";

    protected override (string, string)[] Settings =>
        [("Records:Provider", "None"), ("Uploads:RecheckDelay", "00:00:01"), ("Oss:Attempts", "1"), ("Oss:IdleTimeout", "00:00:02")];

    [Fact]
    public async Task An_upload_is_answered_as_ever_and_no_database_is_made()
    {
        var answer = await PostAsync(Chat, new Form().Field("imageClassId", "27").File("img", "a.jpg", Samples.Photo));
        using var ready = await Server.Client.GetAsync("/readyz");

        answer.ShouldBeOk();
        answer.Row.GetProperty("image_class_id").GetInt64().Should().Be(27);
        (await Server.ObjectsAsync()).Should().Equal(answer.Row.GetProperty("path").GetString());
        (await Answer.ReadAsync(ready)).ShouldBeOk();
        Directory.GetFiles(Server.Folder, "records.db*", SearchOption.AllDirectories).Should().BeEmpty();
        await NothingShouldBePendingAsync();
    }

    [Fact]
    public async Task Several_files_share_one_fate()
    {
        var form = new Form().File("img", "1.jpg", Samples.Photo).File("img", "2.html", "<html>"u8);

        (await PostAsync("/admin/image/upload", form, ("token", ApiServer.AdminKey))).ShouldFail(415, "TypeNotAllowed");

        (await Server.ObjectsAsync()).Should().BeEmpty();
        await NothingShouldBePendingAsync();
    }

    [Fact]
    public async Task What_cannot_be_undone_now_is_undone_when_the_store_is_back()
    {
        using var lost = Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PutObject, Reset = FaultReset.BeforeReply });
        using var mute = Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.HeadObject, Reset = FaultReset.BeforeReply });
        using var away = Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.DeleteObject, Status = 500 });

        (await PostAsync(Chat, new Form().File("img", "a.jpg", Samples.Photo))).ShouldFail(502, "StoreUnreachable");
        await Eventually.TrueAsync(() => Task.FromResult(away.Hits > 0), "the settlement has tried");
        (await Server.ObjectsAsync()).Should().ContainSingle("the store was away");
        (await PendingAsync()).Should().ContainSingle("it is remembered");
        away.Dispose();

        await Eventually.TrueAsync(async () => (await Server.ObjectsAsync()).Count == 0, "the object is gone");
        await NothingShouldBePendingAsync();
    }

    private Task<IReadOnlyList<PendingUpload>> PendingAsync() =>
        Server.Services.GetRequiredService<IUploadRecords>().PendingAsync(0, 10, CancellationToken.None);

    private Task NothingShouldBePendingAsync() =>
        Eventually.TrueAsync(async () => (await PendingAsync()).Count == 0, "nothing is remembered any more");
}
