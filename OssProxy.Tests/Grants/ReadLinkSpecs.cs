using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>Signed URLs to read with, from a bucket that nobody else can read.</summary>
public sealed class ReadLinkSpecs(PrivateHouse house) : IClassFixture<PrivateHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);

    [Fact]
    public async Task An_owner_reads_their_own_and_nobody_elses()
    {
        var ((_, mine), (_, theirs)) = (await house.UserAsync(), await house.UserAsync());
        var (own, ownUrl) = await UploadAsync(mine, "a.jpg", Photo);
        var (other, _) = await UploadAsync(theirs, "b.jpg", Photo);
        using var bare = await house.Server.Client.GetAsync(new Uri(ownUrl));
        bare.StatusCode.Should().Be(HttpStatusCode.Forbidden, "the bucket is private");

        var links = await LinksAsync(mine, new { ids = new[] { own, other } });

        links.Should().ContainSingle().Which.GetProperty("id").GetInt64().Should().Be(own);
        using var read = await house.Server.Client.GetAsync(new Uri(GrantHouse.Text(links[0], "url")));
        read.StatusCode.Should().Be(HttpStatusCode.OK);
        (await LinksAsync(ApiServer.AdminKey, new { ids = new[] { own, other } })).Should().HaveCount(2);
        (await LinksAsync(null, new { ids = new[] { own } })).Should().BeEmpty("guests own nothing");
    }

    [Theory]
    [InlineData("inline", "a.jpg", "inline; filename*=UTF-8''a.jpg")]
    [InlineData("attachment", "a.jpg", "attachment; filename*=UTF-8''a.jpg")]
    [InlineData("inline", "a.txt", "attachment; filename*=UTF-8''a.txt")]
    public async Task It_is_shown_or_downloaded_as_asked_but_what_must_not_be_shown_is_downloaded(string asked, string name, string said)
    {
        var (_, token) = await house.UserAsync();
        var (id, _) = await UploadAsync(token, name, name.EndsWith("txt", StringComparison.Ordinal) ? "plain words"u8.ToArray() : Photo);

        var links = await LinksAsync(token, new { ids = new[] { id }, disposition = asked, cache_control = "private, max-age=60" });

        using var read = await house.Server.Client.GetAsync(new Uri(GrantHouse.Text(links[0], "url")));
        read.Content.Headers.GetValues("Content-Disposition").Single().Should().Be(said);
        read.Headers.CacheControl!.ToString().Should().Be("max-age=60, private");
        var link = GrantHouse.Text(links[0], "url");
        using var changed = await house.Server.Client.GetAsync(new Uri(link.Replace("response-content-disposition=", "response-content-disposition=x", StringComparison.Ordinal)));
        changed.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_name_with_lines_stays_a_name()
    {
        var (_, token) = await house.UserAsync();
        var (id, _) = await UploadAsync(token, "a.jpg", Photo);

        var refused = await house.PostAsync("/oss/presign/read", new { ids = new[] { id }, file_name = "a\r\nSet-Cookie: x=1" }, token);
        refused.ShouldFail(422, "FieldInvalid");
        var links = await LinksAsync(token, new { ids = new[] { id }, disposition = "attachment", file_name = "\"猫\"; filename=x.html" });
        using var read = await house.Server.Client.GetAsync(new Uri(GrantHouse.Text(links[0], "url")));
        read.Content.Headers.GetValues("Content-Disposition").Single().Should().StartWith("attachment; filename*=UTF-8''%22%E7%8C%AB%22%3B");
    }

    [Theory]
    [InlineData("a&x-oss-process=image/resize,w_1")]
    [InlineData("a?b")]
    [InlineData("no-cache=\"x\"")]
    [InlineData("max-age=60;")]
    [InlineData("max-age=６０")]
    public async Task What_caches_are_told_is_made_of_directives(string said)
    {
        var (_, token) = await house.UserAsync();

        var refused = await house.PostAsync("/oss/presign/read", new { ids = new[] { 1 }, cache_control = said }, token);

        refused.ShouldFail(422, "FieldInvalid");
    }

    [Fact]
    public async Task A_watermark_is_drawn_only_of_an_image_that_the_caller_may_read()
    {
        var ((_, mine), (_, theirs)) = (await house.UserAsync(), await house.UserAsync());
        var (own, _) = await UploadAsync(mine, "a.jpg", Photo);
        var (ownKey, otherKey) = (await UploadedKeyAsync(mine), await UploadedKeyAsync(theirs));
        object Asking(string process) => new { ids = new[] { own }, process };

        (await LinksAsync(mine, Asking($"image/{Mark(ownKey)}"))).Should().ContainSingle();
        (await LinksAsync(mine, Asking($"image/{Mark(otherKey)}"))).Should().BeEmpty();
        (await LinksAsync(mine, Asking($"image/{Mark(ownKey)}/{Mark(otherKey)}"))).Should().BeEmpty();
        (await LinksAsync(mine, Asking($"image/{Mark("images/nobodys.jpg")}"))).Should().BeEmpty("nobody owns what no record knows");
        (await LinksAsync(ApiServer.AdminKey, Asking($"image/{Mark(otherKey)}"))).Should().ContainSingle();

        var content = $"image/{Mark(otherKey)}";
        (await house.SendAsync(HttpMethod.Put, "/admin/image_style/marked", new { content }, ApiServer.AdminKey)).ShouldBeOk();
        (await LinksAsync(mine, Asking("style/marked"))).Should().ContainSingle("an admin has put it under a name");
    }

    private static string Mark(string key) => $"watermark,image_{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key))}";

    private async Task<string> UploadedKeyAsync(string token)
    {
        var put = await house.PresignAsync(new { file_name = "mark.jpg", size = Photo.Length }, token);
        using var stored = await house.PutAsync(put, Photo);
        (await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)).ShouldBeOk();
        return GrantHouse.Text(put, "key");
    }

    private async Task<List<JsonElement>> LinksAsync(string? token, object body)
    {
        var answer = await house.PostAsync("/oss/presign/read", body, token);
        answer.ShouldBeOk();
        return [.. answer.Data.EnumerateArray()];
    }

    private async Task<(long Id, string Url)> UploadAsync(string token, string name, byte[] file)
    {
        var put = await house.PresignAsync(new { file_name = name, size = file.Length }, token);
        using var stored = await house.PutAsync(put, file);
        var row = await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token);
        row.ShouldBeOk();
        return (row.Data.GetProperty("id").GetInt64(), GrantHouse.Text(put, "object_url"));
    }
}

/// <summary>A house whose bucket is private.</summary>
public sealed class PrivateHouse : GrantHouse
{
    internal override async Task<ApiServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-private-").FullName;
        var options = ApiServer.EmulatorOptions(Path.Combine(folder, "oss"));
        options.Buckets[0].Acl = "private";
        return await ApiServer.StartAsync(await EmulatorServer.StartAsync(options, CancellationToken.None), folder);
    }
}
