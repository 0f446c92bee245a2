using System.Net;
using System.Text.Json;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>What nobody has reported: found, recorded or removed, and never twice.</summary>
public sealed class KeeperSpecs(GrantHouse house) : IClassFixture<GrantHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);

    [Fact]
    public async Task An_upload_that_nobody_confirmed_is_recorded_when_its_grant_has_ended()
    {
        var (put, token) = await PutAsync(Photo);
        await house.ExpireAsync(GrantHouse.Text(put, "grant"), altogether: false);

        await house.KeepAsync();

        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(1);
        (await house.GrantsOfAsync(GrantHouse.Text(put, "grant"))).Should().Be(1, "an upload may still be under way");
        var confirmed = await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token);
        confirmed.ShouldBeOk();
        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(1);
    }

    [Fact]
    public async Task An_upload_that_ended_after_its_grant_is_recorded_by_the_last_look()
    {
        var (_, token) = await house.UserAsync();
        var put = await house.PresignAsync(new { file_name = "a.jpg", size = Photo.Length }, token);
        await house.ExpireAsync(GrantHouse.Text(put, "grant"), altogether: false);
        await house.KeepAsync();
        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(0);

        using var late = await house.PutAsync(put, Photo);
        await house.ExpireAsync(GrantHouse.Text(put, "grant"), altogether: true);
        await house.KeepAsync();

        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(1);
        (await house.GrantsOfAsync(GrantHouse.Text(put, "grant"))).Should().Be(0, "nothing can come any more");
    }

    [Fact]
    public async Task A_grant_of_which_nothing_came_is_forgotten()
    {
        var put = await house.PresignAsync(new { file_name = "a.jpg", size = 10 }, (await house.UserAsync()).Token);
        await house.ExpireAsync(GrantHouse.Text(put, "grant"), altogether: true);

        await house.KeepAsync();

        (await house.GrantsOfAsync(GrantHouse.Text(put, "grant"))).Should().Be(0);
    }

    [Fact]
    public async Task What_nobody_would_have_let_in_is_removed_unseen()
    {
        var page = new byte[4000];
        "<!DOCTYPE html><script>"u8.CopyTo(page);
        var (put, _) = await PutAsync(page);
        await house.ExpireAsync(GrantHouse.Text(put, "grant"), altogether: true);

        await house.KeepAsync();

        await house.ShouldBeGoneAsync(GrantHouse.Text(put, "key"));
        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(0);
        (await house.GrantsOfAsync(GrantHouse.Text(put, "grant"))).Should().Be(0);
    }

    [Fact]
    public async Task A_class_that_was_closed_meanwhile_takes_nothing_any_more()
    {
        var classId = await house.ClassAsync("{}");
        var (_, token) = await house.UserAsync();
        var put = await house.PresignAsync(new { file_name = "a.jpg", size = Photo.Length, imageClassId = classId }, token);
        using var stored = await house.PutAsync(put, Photo);
        await house.SetPolicyAsync(classId, """{"clients":false}""");

        (await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)).ShouldFail(403, "ClassClosed");

        await house.ShouldBeGoneAsync(GrantHouse.Text(put, "key"));
    }

    [Fact]
    public async Task A_days_limit_holds_for_uploads_that_go_to_the_store_by_themselves()
    {
        var classId = await house.ClassAsync("""{"files_per_day":1}""");
        var (_, token) = await house.UserAsync();
        var puts = new List<JsonElement>();
        for (var i = 0; i < 2; i++)
        {
            puts.Add(await house.PresignAsync(new { file_name = "a.jpg", size = Photo.Length, imageClassId = classId }, token));
            using var stored = await house.PutAsync(puts[i], Photo);
        }

        (await house.ConfirmAsync(GrantHouse.Text(puts[0], "grant"), token: token)).ShouldBeOk();
        (await house.ConfirmAsync(GrantHouse.Text(puts[1], "grant"), token: token)).ShouldFail(429, "DailyLimitReached");

        (await house.HasObjectAsync(GrantHouse.Text(puts[0], "key"))).Should().BeTrue();
        await house.ShouldBeGoneAsync(GrantHouse.Text(puts[1], "key"));
        (await house.PostAsync("/oss/presign", new { file_name = "a.jpg", imageClassId = classId }, token)).ShouldFail(429, "DailyLimitReached");
    }

    [Fact]
    public async Task A_record_that_was_deleted_is_not_made_again_by_a_late_report()
    {
        var (put, token) = await PutAsync(Photo);
        var id = (await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)).Data.GetProperty("id").GetInt64();
        (await house.SendAsync(HttpMethod.Delete, $"/api/me/files/{id}", null, token)).ShouldBeOk();

        (await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)).ShouldFail(404, "ObjectMissing");
        await house.ExpireAsync(GrantHouse.Text(put, "grant"), altogether: true);
        await house.KeepAsync();

        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(0);
    }

    private async Task<(JsonElement Put, string Token)> PutAsync(byte[] file)
    {
        var (_, token) = await house.UserAsync();
        var put = await house.PresignAsync(new { file_name = "a.jpg", size = file.Length }, token);
        using var stored = await house.PutAsync(put, file);
        stored.StatusCode.Should().Be(HttpStatusCode.OK);
        return (put, token);
    }
}
