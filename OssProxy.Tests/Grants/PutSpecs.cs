using System.Net;
using System.Text.Json;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>Signed URLs: one put, one file, one record.</summary>
public sealed class PutSpecs(GrantHouse house) : IClassFixture<GrantHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);

    [Fact]
    public async Task A_file_that_was_put_becomes_one_record_however_often_it_is_confirmed()
    {
        var (id, token) = await house.UserAsync();
        var put = await PresignAsync(token);
        using var stored = await house.PutAsync(put, Photo);
        stored.StatusCode.Should().Be(HttpStatusCode.OK);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)));

        answers.Should().AllSatisfy(answer => answer.ShouldBeOk());
        answers.Select(answer => answer.Data.GetProperty("id").GetInt64()).Distinct().Should().ContainSingle();
        var row = answers[0].Data;
        row.GetProperty("path").GetString().Should().Be(GrantHouse.Text(put, "key")).And.MatchRegex("^images/[0-9]{8}/[0-9]{13}_[0-9a-f]{12}\\.jpg$");
        row.GetProperty("url").GetString().Should().Be(GrantHouse.Text(put, "object_url"));
        row.GetProperty("size").GetInt64().Should().Be(Photo.Length);
        row.GetProperty("name").GetString().Should().Be("猫.jpg");
        row.GetProperty("mime").GetString().Should().Be("image/jpeg");
        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(1);
        (await house.GetAsync("/api/me/files", token)).Data.GetProperty("totalCount").GetInt64().Should().Be(1, "it is user {0}'s own", id);
    }

    [Fact]
    public async Task A_put_that_came_is_not_put_again()
    {
        var (_, token) = await house.UserAsync();
        var put = await PresignAsync(token);
        using var first = await house.PutAsync(put, Photo);
        using var again = await house.PutAsync(put, Photo);

        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await again.Content.ReadAsStringAsync()).Should().Contain("<Code>FileAlreadyExists</Code>");
    }

    [Theory]
    [InlineData("type", 403, "SignatureDoesNotMatch")]
    [InlineData("overwrite", 403, "SignatureDoesNotMatch")]
    [InlineData("acl", 403, "SignatureDoesNotMatch")]
    [InlineData("size", 403, "SignatureDoesNotMatch")]
    [InlineData("key", 403, "SignatureDoesNotMatch")]
    [InlineData("method", 403, "SignatureDoesNotMatch")]
    [InlineData("stripped", 403, "AccessDenied")]
    public async Task What_is_bound_cannot_be_changed(string what, int status, string code)
    {
        var put = await PresignAsync((await house.UserAsync()).Token);

        using var answer = await house.PutAsync(put, what == "size" ? Samples.PhotoOf(4001) : Photo, request =>
        {
            var url = request.RequestUri!.OriginalString;
            switch (what)
            {
                case "type":
                    request.Content!.Headers.ContentType = new("text/html");
                    break;
                case "overwrite":
                    request.Headers.Remove("x-oss-forbid-overwrite");
                    break;
                case "acl":
                    request.Headers.Add("x-oss-object-acl", "public-read-write");
                    break;
                case "key":
                    request.RequestUri = new Uri(url.Replace(".jpg?", "x.jpg?", StringComparison.Ordinal));
                    break;
                case "method":
                    request.Method = HttpMethod.Delete;
                    break;
                case "stripped":
                    request.RequestUri = new Uri(url[..url.IndexOf('?', StringComparison.Ordinal)]);
                    break;
            }
        });

        ((int)answer.StatusCode).Should().Be(status);
        (await answer.Content.ReadAsStringAsync()).Should().Contain(code);
        await house.ShouldBeGoneAsync(GrantHouse.Text(put, "key"));
        (await house.ConfirmAsync(GrantHouse.Text(put, "grant"))).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Somebody_elses_grant_is_not_there()
    {
        var (mine, theirs) = ((await house.UserAsync()).Token, (await house.UserAsync()).Token);
        var put = await PresignAsync(mine);
        using var stored = await house.PutAsync(put, Photo);

        var foreign = await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: theirs);
        var byKey = await house.ConfirmAsync(null, GrantHouse.Text(put, "key"), theirs);
        var unknown = await house.ConfirmAsync(new string('0', 32), token: theirs);

        foreign.ShouldFail(404, "GrantNotFound");
        byKey.ShouldFail(404, "GrantNotFound");
        unknown.ShouldFail(404, "GrantNotFound");
        foreign.Message.Should().Be(unknown.Message);
        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(0);
        (await house.ConfirmAsync(null, GrantHouse.Text(put, "key"), mine)).ShouldBeOk();
    }

    [Fact]
    public async Task What_is_not_what_it_was_said_to_be_is_removed()
    {
        var (_, token) = await house.UserAsync();
        var page = System.Text.Encoding.UTF8.GetBytes("<!DOCTYPE html><script>alert(1)</script>" + new string(' ', 3960));
        var put = (await house.PresignAsync(new { file_name = "a.jpg", size = page.Length }, token)).Clone();
        using var stored = await house.PutAsync(put, page);
        stored.StatusCode.Should().Be(HttpStatusCode.OK, "the store does not look at what it stores");

        (await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)).ShouldFail(415, "TypeNotAllowed");

        await house.ShouldBeGoneAsync(GrantHouse.Text(put, "key"));
        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(0);
        (await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token)).ShouldFail(404, "ObjectMissing");
    }

    [Theory]
    [InlineData("""{"image_process":"image/auto-orient,1"}""", 409, "ClassTreatsPictures")]
    [InlineData("""{"heic_to_jpeg":true}""", 200, null)] // it is no HEIC
    public async Task A_class_that_has_come_to_treat_pictures_takes_none_that_nobody_treated(string policy, int status, string? code)
    {
        var (_, token) = await house.UserAsync();
        var classId = await house.ClassAsync("{}");
        var put = (await house.PresignAsync(new { file_name = "a.jpg", size = Photo.Length, imageClassId = classId }, token)).Clone();
        await house.SetPolicyAsync(classId, policy);
        using var stored = await house.PutAsync(put, Photo);

        var answer = await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token);

        if (code is null)
        {
            answer.ShouldBeOk();
            return;
        }

        answer.ShouldFail(status, code);
        await house.ShouldBeGoneAsync(GrantHouse.Text(put, "key"));
        (await house.RowsOfAsync(GrantHouse.Text(put, "key"))).Should().Be(0);
    }

    [Fact]
    public async Task A_picture_of_another_kind_than_it_was_said_to_be_is_served_as_what_it_is()
    {
        var (_, token) = await house.UserAsync();
        var put = await house.PresignAsync(new { file_name = "a.png", size = Photo.Length }, token);
        using var stored = await house.PutAsync(put, Photo);

        var row = await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token);

        row.Data.GetProperty("mime").GetString().Should().Be("image/jpeg");
        (await house.HeadAsync(GrantHouse.Text(put, "object_url"))).ContentType!.ToString().Should().Be("image/jpeg");
    }

    [Theory]
    [InlineData("""{"types":["png"]}""", "a.jpg", 4000, 415, "TypeNotAllowed")]
    [InlineData("""{"max_file_bytes":3999}""", "a.jpg", 4000, 413, "FileTooLarge")]
    [InlineData("""{"clients":false}""", "a.jpg", 4000, 403, "ClassClosed")]
    [InlineData("{}", "a.html", 4000, 415, "TypeNotAllowed")]
    [InlineData("{}", "a.jpg", 0, 400, "FileEmpty")]
    public async Task What_the_class_does_not_take_is_not_granted(string policy, string name, long size, int status, string code)
    {
        var classId = await house.ClassAsync(policy);

        (await house.PostAsync("/oss/presign", new { file_name = name, size, imageClassId = classId }, (await house.UserAsync()).Token))
            .ShouldFail(status, code);
    }

    [Fact]
    public async Task A_class_that_gives_everything_out_as_a_download_is_obeyed_by_the_store()
    {
        var classId = await house.ClassAsync("""{"disposition":"attachment","prefix":"papers","sha256":true,"keep_name":true}""");
        var (_, token) = await house.UserAsync();
        var put = await house.PresignAsync(new { file_name = "猫.jpg", size = Photo.Length, imageClassId = classId }, token);
        GrantHouse.Text(put, "key").Should().StartWith("papers/");
        using var bare = await house.PutAsync(put, Photo, request => request.Content!.Headers.Remove("Content-Disposition"));
        bare.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        using var stored = await house.PutAsync(put, Photo);

        var row = await house.ConfirmAsync(GrantHouse.Text(put, "grant"), token: token);

        row.ShouldBeOk();
        row.Data.GetProperty("image_class_id").GetInt64().Should().Be(classId);
        row.Data.GetProperty("sha256").GetString().Should().Be(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Photo)));
        (await house.HeadAsync(GrantHouse.Text(put, "object_url"))).ContentDisposition!.ToString().Should().Contain("attachment").And.Contain("%E7%8C%AB");
    }

    [Fact]
    public async Task A_batch_is_granted_file_by_file()
    {
        var answer = await house.PostAsync(
            "/oss/presign", new { files = new object[] { new { file_name = "a.jpg", size = 10 }, new { file_name = "b.png", size = 20 } } },
            (await house.UserAsync()).Token);

        answer.ShouldBeOk();
        answer.Data.GetArrayLength().Should().Be(2);
        GrantHouse.Text(answer.Data[0], "key").Should().EndWith(".jpg");
        GrantHouse.Text(answer.Data[1], "key").Should().EndWith(".png");
        (await house.PostAsync("/oss/presign", new { files = Enumerable.Repeat(new { file_name = "a.jpg" }, 21) })).ShouldFail(422, "FieldInvalid");
        (await house.PostAsync("/oss/presign", new { file_name = "a.jpg", expires = 3601 })).ShouldFail(422, "FieldInvalid");
    }

    private Task<JsonElement> PresignAsync(string token) =>
        house.PresignAsync(new { file_name = "猫.jpg", size = Photo.Length }, token);
}
