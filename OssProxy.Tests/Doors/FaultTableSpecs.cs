using System.Net.Http.Json;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Doors;

/// <summary>What fails in the middle of an upload or of a deletion, over every sort of store and database: the answer says whose fault it was,
/// and afterwards rows and objects agree.</summary>
public abstract class FaultTableSpecs(DoorHouse house)
{
    private static readonly Door Chat = Door.All.First(door => door.Name == "chat, streamed");

    [Theory]
    [InlineData("before")]
    [InlineData("during")]
    [InlineData("after")]
    public async Task A_store_that_fails_before_during_or_after_the_body(string moment)
    {
        var before = await house.CountAsync();
        Answer answer;
        using (Break(moment))
            answer = await Chat.KnockAsync(house.Server, 0, new Parcel { Content = Samples.PhotoOf(900_000) });

        // An answer that is lost is asked for: the object is there, it is ours and it is whole.
        if (moment == "after" && house.HasOss)
        {
            answer.ShouldBeOk();
            await ShouldComeToAsync(new DoorHouse.Count(before.Rows + 1, before.Objects + 1));
            return;
        }

        ((int)answer.Status).Should().BeOneOf([502, 503, 504], answer.Text);
        await ShouldComeToAsync(before);
    }

    [Fact]
    public async Task A_database_that_fails_at_the_claim()
    {
        var before = await house.CountAsync();
        await using (await house.BreakAsync("image", "INSERT", "NEW.state = 'pending'"))
            (await Chat.KnockAsync(house.Server, 0, new Parcel())).ShouldFail(503, "RecordsUnavailable");

        await ShouldComeToAsync(before);
    }

    [Fact]
    public async Task A_database_that_fails_at_the_finish()
    {
        var before = await house.CountAsync();
        await using (await house.BreakAsync("image", "UPDATE", "NEW.state = 'stored'"))
            (await Chat.KnockAsync(house.Server, 0, new Parcel())).ShouldFail(503, "RecordsUnavailable");

        await ShouldComeToAsync(before);
    }

    [Fact]
    public async Task A_database_that_fails_at_the_release()
    {
        var before = await house.CountAsync();
        await using (await house.BreakAsync("image", "DELETE", "OLD.state = 'pending'"))
        {
            (await Chat.KnockAsync(house.Server, 0, new Parcel { Content = Samples.PhotoOf(1_000_001) })).ShouldFail(413, "FileTooLarge");
            (await house.RowsAsync("state = 'pending'")).Should().Be(1, "the row is the memory of what is still to be undone");
        }

        await ShouldComeToAsync(before);
    }

    [Fact]
    public async Task A_database_that_fails_when_a_console_deletes()
    {
        var (id, before) = await StoredAsync();
        await using (await house.BreakAsync("object_deletion", "INSERT", "NEW.image_id > 0"))
            (await DeleteAsync(id)).ShouldFail(503, "RecordsUnavailable");

        (await house.RowsAsync($"id = {id} AND deleted_at IS NULL")).Should().Be(1, "a mark without an entry in the queue would be for ever");
        (await house.CountAsync()).Should().Be(before);
    }

    [Fact]
    public async Task A_database_that_fails_when_the_object_of_a_deleted_image_has_gone()
    {
        var (id, before) = await StoredAsync();
        await using (await house.BreakAsync("image", "DELETE", "OLD.deleted_at IS NOT NULL"))
        {
            (await DeleteAsync(id)).ShouldBeOk();
            await Eventually.TrueAsync(async () => (await house.CountAsync()).Objects == before.Objects - 1, "the object goes first");
            (await house.RowsAsync($"id = {id}")).Should().Be(1, "the row remembers that something is left to be done");
        }

        await ShouldComeToAsync(new DoorHouse.Count(before.Rows - 1, before.Objects - 1));
    }

    [Fact]
    public async Task A_store_that_fails_when_the_object_of_a_deleted_image_is_to_go()
    {
        var (id, before) = await StoredAsync();
        if (house.HasOss)
        {
            using var refusing = house.Server.Emulator.Faults.Add(
                new FaultRule { Operation = OssOperation.DeleteObject, Status = 500, Code = "InternalError" });
            (await DeleteAsync(id)).ShouldBeOk();
            await Eventually.TrueAsync(() => Task.FromResult(refusing.Hits > 0), "the store is asked");
            (await house.CountAsync()).Should().Be(before);
        }
        else
        {
            (await DeleteAsync(id)).ShouldBeOk();
        }

        await ShouldComeToAsync(new DoorHouse.Count(before.Rows - 1, before.Objects - 1));
    }

    // An image in a class whose deletions are not waited with.
    private async Task<(long Id, DoorHouse.Count Count)> StoredAsync()
    {
        var classId = await house.ClassAsync(new Attack("none", """{"retention":0}""", new Parcel()) { Owed = _ => null });
        var answer = await Chat.KnockAsync(house.Server, classId, new Parcel());
        answer.ShouldBeOk();
        return (answer.Row.GetProperty("id").GetInt64(), await house.CountAsync());
    }

    private async Task<Answer> DeleteAsync(long id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/admin/image/{id}/delete") { Content = JsonContent.Create(new { }) };
        request.Headers.Add("token", ApiServer.AdminKey);
        using var response = await house.Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    private IDisposable Break(string moment) => house.HasOss
        ? house.Server.Emulator.Faults.Add(moment switch
        {
            "before" => new FaultRule { Operation = OssOperation.PutObject, Reset = FaultReset.BeforeBody },
            "during" => new FaultRule { Operation = OssOperation.PutObject, Reset = FaultReset.DuringBody },
            _ => new FaultRule { Operation = OssOperation.PutObject, Reset = FaultReset.BeforeReply },
        })
        : new LostFolder(Path.Combine(house.Server.Folder, "data", "uploads", ".ossproxy"));

    private Task ShouldComeToAsync(DoorHouse.Count count) => Eventually.TrueAsync(
        async () => await house.CountAsync() == count && await house.RowsAsync("state = 'pending' OR deleted_at IS NOT NULL") == 0,
        "no claim is left, no row without its object and no object without its row");

    // A disk fails by what cannot be written: a file stands where the folder of unfinished files was.
    private sealed class LostFolder : IDisposable
    {
        private readonly string _path;

        public LostFolder(string path)
        {
            _path = path;
            Directory.Move(path, path + ".away");
            File.WriteAllText(path, "");
        }

        public void Dispose()
        {
            File.Delete(_path);
            Directory.Move(_path + ".away", _path);
        }
    }
}

public sealed class OssAndSqliteFaultTableSpecs(OssAndSqlite house) : FaultTableSpecs(house), IClassFixture<OssAndSqlite>;

[Collection(PostgresCollection.Name)]
public sealed class OssAndPostgresFaultTableSpecs(OssAndPostgres house) : FaultTableSpecs(house), IClassFixture<OssAndPostgres>;

public sealed class DiskAndSqliteFaultTableSpecs(DiskAndSqlite house) : FaultTableSpecs(house), IClassFixture<DiskAndSqlite>;
