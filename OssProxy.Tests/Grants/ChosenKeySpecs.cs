using System.Globalization;
using System.Net;
using System.Text;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>Grants that leave the key to the client, as the first clients want them: what they may do within their folder, and what becomes of
/// it.</summary>
public sealed class ChosenKeySpecs(GrantHouse house) : IClassFixture<GrantHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);
    private static readonly byte[] Page = Encoding.UTF8.GetBytes("<!DOCTYPE html><script>alert(1)</script>" + new string(' ', 4000));

    [Fact]
    public async Task A_client_of_old_finds_its_fields_and_is_answered_204()
    {
        var (id, token) = await house.UserAsync();
        var answer = await house.GetAsync("/goodsOss/getOssPolicy?user_id=1", token);
        answer.Body.GetProperty("code").GetInt32().Should().Be(200);
        var (host, dir) = (GrantHouse.Text(answer.Data, "host"), GrantHouse.Text(answer.Data, "dir"));
        host.Should().MatchRegex("^https?://").And.NotEndWith("/");
        dir.Should().Be($"uploads/{id}/", "who they are says their token, not the address");

        var key = dir + "1732700000000-tmp_ab12.jpg";
        using var posted = await house.PostFormAsync(
            host,
            [
                new("key", key), new("policy", GrantHouse.Text(answer.Data, "policy")), new("OSSAccessKeyId", GrantHouse.Text(answer.Data, "accessKeyId")),
                new("signature", GrantHouse.Text(answer.Data, "signature")),
            ],
            Photo);

        posted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await house.HeadAsync($"{host}/{key}")).ContentLength.Should().Be(Photo.Length);
        (await house.ConfirmAsync(null, key, token)).ShouldBeOk();
        (await house.RowsOfAsync(key)).Should().Be(1);
    }

    [Fact]
    public async Task A_policy_serves_for_several_files_and_each_gets_its_record()
    {
        var policy = await house.PolicyAsync(token: (await house.UserAsync()).Token);
        var keys = Enumerable.Range(0, 3).Select(i => GrantHouse.Text(policy, "dir") + Guid.NewGuid().ToString("N") + i + ".jpg").ToList();
        foreach (var key in keys)
        {
            using var posted = await house.PostFormAsync(policy, Photo, key);
            posted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        }

        await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
        await house.KeepAsync();

        foreach (var key in keys)
            (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.GrantsOfAsync(GrantHouse.Text(policy, "grant"))).Should().Be(0);
    }

    [Fact]
    public async Task What_the_client_said_beside_the_bytes_does_not_hold()
    {
        var (_, token) = await house.UserAsync();
        var policy = await house.PolicyAsync(token: token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        using var posted = await house.PostFormAsync(policy, Photo, key, fields => fields.AddRange(
            [new("x-oss-object-acl", "public-read-write"), new("x-oss-content-type", "text/html"), new("x-oss-meta-a", "b"), new("Cache-Control", "max-age=1")]));
        posted.StatusCode.Should().Be(HttpStatusCode.NoContent);

        var row = await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token);

        row.ShouldBeOk();
        using var read = await house.Server.Client.GetAsync(new Uri($"{GrantHouse.Text(policy, "host")}/{key}"));
        read.Content.Headers.ContentType!.ToString().Should().Be("image/jpeg");
        read.Headers.Contains("x-oss-meta-a").Should().BeFalse();
        read.Headers.CacheControl?.MaxAge.Should().BeNull();
        using var stranger = await house.Server.Client.PutAsync(new Uri($"{GrantHouse.Text(policy, "host")}/{key}"), new ByteArrayContent(Page));
        stranger.StatusCode.Should().Be(HttpStatusCode.Forbidden, "the object is not everybody's to write");
    }

    [Fact]
    public async Task An_object_that_is_overwritten_with_another_picture_keeps_its_one_record_which_tells_what_is_there()
    {
        var (_, token) = await house.UserAsync();
        var policy = await house.PolicyAsync(token: token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        using var first = await house.PostFormAsync(policy, Photo, key);
        var id = (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token)).Data.GetProperty("id").GetInt64();
        using var second = await house.PostFormAsync(policy, Samples.PhotoOf(5000), key);
        second.StatusCode.Should().Be(HttpStatusCode.NoContent, "such a policy cannot forbid it");

        await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
        await house.KeepAsync();

        (await house.RowsOfAsync(key)).Should().Be(1);
        var mine = await house.GetAsync("/api/me/files", token);
        mine.Data.GetProperty("list")[0].GetProperty("id").GetInt64().Should().Be(id);
        mine.Data.GetProperty("list")[0].GetProperty("size").GetInt64().Should().Be(5000);
    }

    [Fact]
    public async Task An_object_that_is_overwritten_with_what_no_door_takes_goes_and_its_record_with_it()
    {
        var (_, token) = await house.UserAsync();
        var policy = await house.PolicyAsync(token: token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        using var first = await house.PostFormAsync(policy, Photo, key);
        (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token)).ShouldBeOk();
        using var second = await house.PostFormAsync(policy, Page, key, type: "text/html");
        second.StatusCode.Should().Be(HttpStatusCode.NoContent);

        await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
        await house.KeepAsync();

        (await house.RowsOfAsync(key)).Should().Be(0);
        await Eventually.TrueAsync(async () => !await house.HasObjectAsync(key), "the object goes the way of everything that is deleted");
    }

    [Theory]
    [InlineData(4000, 1)]
    [InlineData(5000, 0)]
    public async Task Where_a_class_has_come_to_treat_pictures_what_was_recorded_stays_and_what_is_put_in_its_place_goes(int bytes, int rows)
    {
        var (_, token) = await house.UserAsync();
        var classId = await house.ClassAsync("{}");
        var policy = await house.PolicyAsync(string.Create(CultureInfo.InvariantCulture, $"?imageClassId={classId}"), token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        using var first = await house.PostFormAsync(policy, Photo, key);
        (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token)).ShouldBeOk();
        await house.SetPolicyAsync(classId, """{"image_process":"image/auto-orient,1"}""");
        using var second = await house.PostFormAsync(policy, Samples.PhotoOf(bytes), key);

        await house.ExpireAsync(GrantHouse.Text(policy, "grant"), altogether: true);
        await house.KeepAsync();

        (await house.RowsOfAsync(key)).Should().Be(rows);
    }

    [Fact]
    public async Task Nobody_gets_a_policy_for_anothers_folder()
    {
        var (id, token) = await house.UserAsync();
        var (_, other) = await house.UserAsync();
        var mine = await house.PolicyAsync(token: token);
        var theirs = await house.PolicyAsync($"?user_id={id}", other);
        GrantHouse.Text(theirs, "dir").Should().NotBe(GrantHouse.Text(mine, "dir"));

        using var posted = await house.PostFormAsync(theirs, Photo, GrantHouse.Text(mine, "dir") + "a.jpg");
        posted.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await house.ConfirmAsync(GrantHouse.Text(theirs, "grant"), GrantHouse.Text(mine, "dir") + "a.jpg", other)).ShouldFail(403, "KeyNotGranted");
    }

    [Fact]
    public async Task Guests_get_a_folder_that_no_other_guest_gets()
    {
        var folders = new HashSet<string>();
        for (var i = 0; i < 3; i++)
            folders.Add(GrantHouse.Text(await house.PolicyAsync(), "dir"));

        folders.Should().HaveCount(3).And.AllSatisfy(folder => folder.Should().MatchRegex("^uploads/guest-[0-9a-f]{16}/$"));
        var policy = await house.PolicyAsync();
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        using var posted = await house.PostFormAsync(policy, Photo, key);
        (await house.ConfirmAsync(null, key)).ShouldFail(404, "GrantNotFound");
        (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key)).ShouldBeOk();
    }

    [Fact]
    public async Task Each_version_has_its_own_names_alone()
    {
        var v1 = await house.PolicyAsync();
        var v4 = await house.PolicyAsync("?signature_version=v4");

        foreach (var name in new[] { "accessKeyId", "accessid", "accessId", "OSSAccessKeyId", "policy", "signature", "Signature", "dir", "host", "expire", "bucket", "region" })
            v1.TryGetProperty(name, out _).Should().BeTrue(name);
        foreach (var name in new[] { "policy", "signature", "x_oss_signature_version", "version", "x_oss_credential", "x_oss_date", "dir", "host", "expire" })
            v4.TryGetProperty(name, out _).Should().BeTrue(name);
        foreach (var name in new[] { "x_oss_credential", "x_oss_date", "version" })
            v1.TryGetProperty(name, out _).Should().BeFalse(name);
        foreach (var name in new[] { "accessKeyId", "accessid", "accessId", "OSSAccessKeyId", "Signature" })
            v4.TryGetProperty(name, out _).Should().BeFalse(name);
        GrantHouse.Text(v4, "version").Should().Be("OSS4-HMAC-SHA256");
        v1.GetProperty("expire").GetInt64().Should().BeInRange(TimeProvider.System.GetUtcNow().AddMinutes(9).ToUnixTimeSeconds(), TimeProvider.System.GetUtcNow().AddMinutes(11).ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData("version=2")]
    [InlineData("via=elsewhere")]
    [InlineData("size=-1")]
    [InlineData("expires=0")]
    [InlineData("expires=99999")]
    public async Task What_cannot_be_understood_is_refused(string query) =>
        (await house.GetAsync("/api/oss/policy?" + query)).ShouldFail(422, "FieldInvalid");

    [Fact]
    public async Task No_cache_keeps_a_grant()
    {
        using var answer = await house.Server.Client.GetAsync("/oss/policy");

        answer.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Fact]
    public async Task One_owner_has_so_many_open_grants_and_no_more()
    {
        await using var small = await ApiServer.StartAsync(("Grants:MaxOpen", "3"));
        for (var i = 0; i < 3; i++)
            (await AskAsync(small)).ShouldBeOk();

        (await AskAsync(small)).ShouldFail(429, "TooManyGrants");
    }

    [Fact]
    public async Task Without_records_there_are_no_grants_and_with_the_disk_alone_only_our_own_gateway()
    {
        await using var none = await ApiServer.StartAsync(("Records:Provider", "none"));
        await using var disk = await ApiServer.StartAsync(("Storage:Provider", "local"));

        (await AskAsync(none)).ShouldFail(501, "RecordsOff");
        (await AskAsync(disk, "?via=direct")).ShouldFail(501, "DirectUploadOff");
        var policy = (await AskAsync(disk)).Data;
        GrantHouse.Text(policy, "host").Should().Be($"{disk.Address.GetLeftPart(UriPartial.Authority)}/oss/gateway");
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        using var posted = await house.PostFormAsync(policy, Photo, key);
        posted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        using var read = await disk.Client.GetAsync(new Uri($"{GrantHouse.Text(policy, "host")}/{key}"));
        read.Content.Headers.ContentType!.ToString().Should().Be("image/jpeg");
        (await disk.RowsAsync()).Should().Be(new StoreContents.Rows(0, 1));
    }

    private static async Task<Answer> AskAsync(ApiServer server, string query = "")
    {
        using var response = await server.Client.GetAsync(new Uri("/oss/policy" + query, UriKind.Relative));
        return await Answer.ReadAsync(response);
    }
}
