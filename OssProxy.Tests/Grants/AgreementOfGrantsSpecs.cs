using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>Record and object agree whatever clients do with their grants: several on one folder, limits that are reached meanwhile, keys that
/// come again.</summary>
public sealed class AgreementOfGrantsSpecs(GrantHouse house) : IClassFixture<GrantHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);
    private static readonly byte[] Page = Encoding.UTF8.GetBytes("<!DOCTYPE html><script>alert(1)</script>" + new string(' ', 4000));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_grant_of_another_class_on_the_same_folder_judges_nothing_that_is_not_its_own(bool confirmed)
    {
        var (narrow, wide) = (await house.ClassAsync("""{"types":["png"],"max_file_bytes":100}"""), await house.ClassAsync("{}"));
        var (_, token) = await house.UserAsync();
        var first = await PolicyAsync(wide, token);
        var second = await PolicyAsync(narrow, token);
        var key = GrantHouse.Text(first, "dir") + "a.jpg";
        using var posted = await house.PostFormAsync(first, Photo, key);
        if (confirmed)
            (await house.ConfirmAsync(GrantHouse.Text(first, "grant"), key, token)).ShouldBeOk();

        foreach (var policy in new[] { second, first })
        {
            await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
            await house.KeepAsync();
        }

        (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.HasObjectAsync(key)).Should().BeTrue();
        var mine = await house.GetAsync("/api/me/files", token);
        mine.Data.GetProperty("list")[0].GetProperty("image_class_id").GetInt64().Should().Be(wide);
    }

    [Fact]
    public async Task What_was_acknowledged_stays_though_the_day_is_used_up_and_its_class_is_closed_by_the_last_look()
    {
        var classId = await house.ClassAsync("""{"files_per_day":1}""");
        var (_, token) = await house.UserAsync();
        var policy = await PolicyAsync(classId, token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        using var posted = await house.PostFormAsync(policy, Photo, key);
        (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token)).ShouldBeOk();
        await house.SetPolicyAsync(classId, """{"clients":false,"types":["png"],"max_file_bytes":1}""");
        await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);

        await house.KeepAsync();

        (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.HasObjectAsync(key)).Should().BeTrue();
        (await house.GrantsOfAsync(GrantHouse.Text(policy, "grant"))).Should().Be(0);
    }

    [Theory]
    [InlineData("?via=gateway")]
    [InlineData("?via=direct")]
    public async Task What_another_grant_of_the_same_folder_did_to_an_object_without_changing_a_byte_is_put_right(string via)
    {
        var (_, token) = await house.UserAsync();
        var first = await house.PolicyAsync(via, token);
        var key = GrantHouse.Text(first, "dir") + "a.jpg";
        using var posted = await house.PostFormAsync(first, Photo, key);
        (await house.ConfirmAsync(GrantHouse.Text(first, "grant"), key, token)).ShouldBeOk();
        var second = await house.PolicyAsync("?via=direct", token);
        using var again = await house.PostFormAsync(second, Photo, key, fields => fields.AddRange(
            [new("x-oss-object-acl", "public-read-write"), new("Cache-Control", "max-age=1"), new("x-oss-meta-a", "b"), new("x-oss-content-type", "image/jpeg")]));
        again.StatusCode.Should().Be(HttpStatusCode.NoContent);
        var url = new Uri($"{GrantHouse.Text(second, "host")}/{key}");
        using var open = await house.Server.Client.GetAsync(url);
        open.Headers.Contains("x-oss-meta-a").Should().BeTrue();

        await house.ExpireAsync(GrantHouse.Text(second, "grant"), altogether: true);
        await house.KeepAsync();

        using var closed = await house.Server.Client.GetAsync(url);
        closed.Headers.Contains("x-oss-meta-a").Should().BeFalse("what is seen goes with what is not, such as permissions");
        closed.Headers.CacheControl.Should().BeNull();
        (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.HeadAsync(url.ToString())).ContentType!.ToString().Should().Be("image/jpeg");
    }

    [Fact]
    public async Task A_look_leaves_alone_what_nobody_has_written_since_the_last_one()
    {
        var (_, token) = await house.UserAsync();
        var first = await house.PolicyAsync(token: token);
        var key = GrantHouse.Text(first, "dir") + "a.jpg";
        using var posted = await house.PostFormAsync(first, Photo, key);
        (await house.ConfirmAsync(GrantHouse.Text(first, "grant"), key, token)).ShouldBeOk();
        var second = await house.PolicyAsync(token: token);
        var before = house.Server.Emulator.Requests.Snapshot().Count;

        foreach (var policy in new[] { first, second })
        {
            await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
            await house.KeepAsync();
        }

        house.Server.Emulator.Requests.Snapshot().Skip(before).Where(entry => entry.Key == key).Select(entry => entry.Operation).Distinct()
            .Should().Equal([OssOperation.GetObject], "it is looked at, and not written again");
        (await house.GrantsOfAsync(GrantHouse.Text(first, "grant")) + await house.GrantsOfAsync(GrantHouse.Text(second, "grant"))).Should().Be(0);
    }

    [Fact]
    public async Task Many_who_report_the_last_file_of_a_day_at_once_get_its_one_record()
    {
        var classId = await house.ClassAsync("""{"files_per_day":1}""");
        for (var round = 0; round < 5; round++)
        {
            var (_, token) = await house.UserAsync();
            var put = await house.PresignAsync(new { file_name = "a.jpg", size = Photo.Length, imageClassId = classId }, token);
            using var stored = await house.PutAsync(put, Photo);

            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)));

            answers.Should().AllSatisfy(answer => answer.ShouldBeOk());
            (await house.HasObjectAsync(GrantHouse.Text(put, "key"))).Should().BeTrue();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0001.html")]
    [InlineData("a/../../x.html")]
    public async Task An_object_under_a_key_that_nothing_could_be_recorded_under_does_not_stay(string name)
    {
        var policy = await house.PolicyAsync(token: (await house.UserAsync()).Token);
        var key = GrantHouse.Text(policy, "dir") + name;
        using var posted = await house.PostFormAsync(policy, Page, key, fields => fields.Add(new("x-oss-content-type", "text/html")), "text/html");
        posted.StatusCode.Should().Be(HttpStatusCode.NoContent, "the store takes such a key");
        (await house.HasObjectAsync(key)).Should().BeTrue();
        await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);

        await house.KeepAsync();

        await house.ShouldBeGoneAsync(key);
    }

    [Fact]
    public async Task A_key_whose_image_was_deleted_does_not_come_back_as_that_image()
    {
        var (_, token) = await house.UserAsync();
        var policy = await house.PolicyAsync(token: token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        using var first = await house.PostFormAsync(policy, Photo, key);
        var id = (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token)).Data.GetProperty("id").GetInt64();
        (await house.SendAsync(HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"/api/me/files/{id}"), null, token)).ShouldBeOk();
        using var second = await house.PostFormAsync(policy, Samples.PhotoOf(5000), key);

        (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token)).ShouldFail(409, "KeyTaken");

        await Eventually.TrueAsync(async () => !await house.HasObjectAsync(key), "what was put in its place goes with it");
        (await house.PostAsync("/admin/image/restore", new { ids = new[] { id } }, ApiServer.AdminKey)).Status.Should().NotBe(HttpStatusCode.OK);
        (await house.RowsOfAsync(key)).Should().Be(0);
    }

    [Fact]
    public async Task Bytes_that_come_by_overwriting_count_for_the_day()
    {
        var classId = await house.ClassAsync("""{"bytes_per_day":6000}""");
        var (_, token) = await house.UserAsync();
        var policy = await PolicyAsync(classId, token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        foreach (var (size, status) in new[] { (4000, 200), (5000, 200), (100_000, 429) })
        {
            using var posted = await house.PostFormAsync(policy, Samples.PhotoOf(size), key);
            ((int)(await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token)).Status).Should().Be(status, $"of {size} bytes");
        }

        (await house.RowsOfAsync(key)).Should().Be(0, "the object is one that nobody may keep");
    }

    [Fact]
    public async Task A_store_that_fails_for_one_object_does_not_keep_the_others_from_being_recorded()
    {
        var policy = await house.PolicyAsync(token: (await house.UserAsync()).Token);
        var keys = new[] { "a.jpg", "b.jpg", "c.jpg" }.Select(name => GrantHouse.Text(policy, "dir") + name).ToList();
        foreach (var key in keys)
        {
            using var posted = await house.PostFormAsync(policy, Photo, key);
        }

        house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.GetObject, KeyPattern = keys[1], Status = 500 });
        await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
        await house.KeepAsync();
        (await house.RowsOfAsync(keys[0]) + await house.RowsOfAsync(keys[2])).Should().Be(2);
        (await house.GrantsOfAsync(GrantHouse.Text(policy, "grant"))).Should().Be(1, "it is the memory of the one that is left");

        house.Server.Emulator.Faults.Clear();
        await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
        await house.KeepAsync();

        (await house.RowsOfAsync(keys[1])).Should().Be(1);
        (await house.GrantsOfAsync(GrantHouse.Text(policy, "grant"))).Should().Be(0);
    }

    [Fact]
    public async Task An_upload_that_a_key_alone_names_is_found_behind_a_later_grant_for_the_gateway()
    {
        var (_, token) = await house.UserAsync();
        var direct = await house.PolicyAsync(token: token);
        var key = GrantHouse.Text(direct, "dir") + "a.jpg";
        using var posted = await house.PostFormAsync(direct, Photo, key);
        await house.PolicyAsync("?via=gateway", token);

        (await house.ConfirmAsync(null, key, token)).ShouldBeOk();
    }

    [Fact]
    public async Task Where_what_nobody_reports_is_removed_what_is_recorded_and_what_may_still_be_reported_stays()
    {
        var strict = new RemovingHouse();
        await strict.InitializeAsync();
        try
        {
            var (_, token) = await strict.UserAsync();
            var policy = await strict.PolicyAsync(token: token);
            var (told, silent) = (GrantHouse.Text(policy, "dir") + "a.jpg", GrantHouse.Text(policy, "dir") + "b.jpg");
            foreach (var key in new[] { told, silent })
            {
                using var posted = await strict.PostFormAsync(policy, Photo, key);
            }

            (await strict.ConfirmAsync(GrantHouse.Text(policy, "grant"), told, token)).ShouldBeOk();
            await strict.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: false);
            await strict.KeepAsync();
            (await strict.HasObjectAsync(silent)).Should().BeTrue("its client may be about to report it");

            await strict.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
            await strict.KeepAsync();

            await strict.ShouldBeGoneAsync(silent);
            (await strict.HasObjectAsync(told)).Should().BeTrue();
            (await strict.RowsOfAsync(told)).Should().Be(1);
        }
        finally
        {
            await strict.DisposeAsync();
        }
    }

    private Task<JsonElement> PolicyAsync(long classId, string token) =>
        house.PolicyAsync(string.Create(CultureInfo.InvariantCulture, $"?imageClassId={classId}"), token);

    private sealed class RemovingHouse : GrantHouse
    {
        protected override (string Key, string Value)[] Settings => [("Grants:Unconfirmed", "remove")];
    }
}
