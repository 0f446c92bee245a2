using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>As whom a caller sends files, and what that allows.</summary>
public sealed class SenderSpecs : CallSpecs
{
    private const string Console = "/admin/image/upload";

    protected override (string Key, string Value)[] Settings =>
        [.. base.Settings, ("Guests:FilesPerDay", "3"), ("Guests:BytesPerDay", "100000000"), ("Guests:MaxFileBytes", "1000000")];

    [Theory]
    [InlineData(TokenCase.UserSession, "^user:[0-9]+$", "li")]
    [InlineData(TokenCase.JwtUser, "^jwt:7$", "li")]
    [InlineData(TokenCase.UploadKey, "^key:[0-9]+$", "key")]
    [InlineData(TokenCase.AdminKey, "^admin$", "admin")]
    [InlineData(TokenCase.GuestSession, "^guest:a-device$", "guest")]
    public async Task A_file_belongs_to_its_sender_at_every_door(TokenCase sort, string owner, string name)
    {
        var token = await Tokens.MakeAsync(sort);
        foreach (var path in new[] { Chat, "/uploadStreamSingleToServerDiy/chatImgs" })
        {
            (await UploadAsync(token, path)).ShouldBeOk();
            var row = await LastRowAsync();
            row.Owner.Should().MatchRegex(owner);
            row.CreatedBy.Should().Be(name);
        }
    }

    [Fact]
    public async Task A_guests_device_names_the_owner_and_a_claim_that_is_none_does_not()
    {
        (await UploadAsync(null, Chat, ("x-device-id", "0b8f2c3e"))).ShouldBeOk();
        (await LastRowAsync()).Owner.Should().Be("guest:0b8f2c3e");

        (await UploadAsync(null, Chat, ("x-device-id", "a b"))).ShouldBeOk();
        (await LastRowAsync()).Should().Be(("", "client"));
    }

    [Fact]
    public async Task Guests_have_smaller_limits_which_another_device_does_not_change()
    {
        var big = new byte[1_000_001];
        Samples.Photo.CopyTo(big, 0);
        (await PostAsync(Chat, new Form().File("img", "a.jpg", big))).ShouldFail(413, "FileTooLarge");
        var user = await Tokens.MakeAsync(TokenCase.UserSession);
        (await PostAsync(Chat, new Form().File("img", "a.jpg", big), ("token", user))).ShouldBeOk();

        for (var i = 0; i < 3; i++)
            (await UploadAsync(null, Chat, ("x-device-id", string.Create(CultureInfo.InvariantCulture, $"device-{i}")))).ShouldBeOk();
        (await UploadAsync(null, Chat, ("x-device-id", "another"))).ShouldFail(429, "DailyLimitReached");
        (await UploadAsync(await Tokens.MakeAsync(TokenCase.GuestSession))).ShouldFail(429, "DailyLimitReached");
        (await UploadAsync(await Tokens.MakeAsync(TokenCase.JwtVisitor))).ShouldFail(429, "DailyLimitReached");
        (await UploadAsync(user)).ShouldBeOk();
    }

    [Theory]
    [InlineData(TokenCase.UserSession, false)]
    [InlineData(TokenCase.JwtUser, false)]
    [InlineData(TokenCase.UploadKey, true)]
    [InlineData(TokenCase.JwtAdmin, true)]
    [InlineData(TokenCase.AccountSession, true)]
    public async Task A_class_that_is_closed_to_clients_is_open_to_admins_and_machines(TokenCase sort, bool isOpen)
    {
        var id = await NewClassAsync(policy: """{"clients":false}""");
        var form = new Form().Field("image_class_id", id.ToString(CultureInfo.InvariantCulture)).File("img", "a.jpg", Samples.Photo);

        var answer = await PostAsync(Chat, form, ("token", await Tokens.MakeAsync(sort)));

        if (isOpen)
            answer.ShouldBeOk();
        else
            answer.ShouldFail(403, "ClassClosed");
    }

    [Theory]
    [InlineData(Chat)]
    [InlineData(Console)]
    public async Task A_key_for_some_classes_opens_no_other_and_not_none(string path)
    {
        var (mine, other) = (await NewClassAsync("mine"), await NewClassAsync("other"));
        var keys = Server.Services.GetRequiredService<ApiKeys>();
        var token = (await keys.CreateAsync("camera", [KeyRight.Upload], [mine], CancellationToken.None)).Token.Reveal();

        (await InClassAsync(mine)).ShouldBeOk();
        (await InClassAsync(other)).ShouldFail(403, "ClassNotGranted");
        (await InClassAsync(null)).ShouldFail(403, "ClassNotGranted");
        (await Server.ObjectsAsync()).Should().ContainSingle();

        Task<Answer> InClassAsync(long? id)
        {
            var form = new Form();
            if (id is { } named)
                form.Field("image_class_id", named.ToString(CultureInfo.InvariantCulture));
            return PostAsync(path, form.File("img", "a.jpg", Samples.Photo), ("token", token));
        }
    }

    [Theory]
    [InlineData(TokenCase.AccountSession)]
    [InlineData(TokenCase.ConsoleKey)]
    public async Task What_a_console_changes_stands_in_the_book_under_its_name(TokenCase sort)
    {
        var token = await Tokens.MakeAsync(sort);
        var id = await NewClassAsync(policy: null);
        var me = (await GetAsync("/api/me", token)).Data.GetProperty("id").GetString();

        for (var i = 0; i < 2; i++)
            (await SendAsync(HttpMethod.Post, $"/admin/image_class/{id}/policy", token, new { files_per_day = 5 })).ShouldBeOk();
        (await SendAsync(HttpMethod.Post, $"/admin/image_class/{id}/delete", token)).ShouldBeOk();

        var rows = (await GetAsync("/admin/audit/1", token)).Data.GetProperty("list").EnumerateArray().ToList();
        rows.Select(row => (row.GetProperty("actor").GetString(), row.GetProperty("action").GetString(), row.GetProperty("subject").GetString()))
            .Should().Equal((me, "class.delete", $"class:{id}"), (me, "class.policy", $"class:{id}"));
        rows[0].GetProperty("detail").GetString().Should().Be("0 images");
        rows[1].GetProperty("detail").GetString().Should().Contain("\"files_per_day\":5");
        rows[1].GetProperty("address").GetString().Should().Be("127.0.0.1");
    }

    [Fact]
    public async Task A_class_that_went_in_part_stands_in_the_book_with_what_went()
    {
        var id = await NewClassAsync(policy: null);
        var database = Server.Services.GetRequiredService<RecordsDatabase>();
        await RunAsync($"""
            INSERT INTO image (path, url, create_time, update_time, state, storage, media_type, node, size, image_class_id)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ImageClasses.DeletedAtOnce + 10})
            SELECT 'images/' || i, '', 1, 1, 'stored', 'oss', 'image/jpeg', 'n', 1, {id} FROM n
            """);
        await RunAsync($"""
            CREATE TRIGGER refusal BEFORE INSERT ON object_deletion WHEN new.image_id > {ImageClasses.DeletedAtOnce} BEGIN SELECT raise(FAIL, 'refused'); END
            """);

        (await SendAsync(HttpMethod.Post, $"/admin/image_class/{id}/delete", ApiServer.AdminKey)).ShouldFail(503, "RecordsUnavailable");

        var row = (await GetAsync("/admin/audit/1", ApiServer.AdminKey)).Data.GetProperty("list").EnumerateArray().Should().ContainSingle().Subject;
        row.GetProperty("action").GetString().Should().Be("class.delete");
        row.GetProperty("detail").GetString().Should().Be($"{ImageClasses.DeletedAtOnce} images, not finished here");

        Task<int> RunAsync(string sql) => database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql), CancellationToken.None);
    }

    [Fact]
    public async Task The_book_names_the_images_that_were_deleted_and_restored_and_no_others()
    {
        var id = (await UploadAsync(ApiServer.AdminKey)).Row.GetProperty("id").GetInt64();

        foreach (var path in new[] { "/admin/image/delete_all", "/admin/image/restore" })
            (await SendAsync(HttpMethod.Post, path, ApiServer.AdminKey, new { ids = new[] { id, 99_999 } })).ShouldBeOk();
        (await SendAsync(HttpMethod.Post, "/admin/image/delete_all", ApiServer.AdminKey, new { ids = new[] { 99_999 } })).ShouldBeOk();

        (await GetAsync("/admin/audit/1", ApiServer.AdminKey)).Data.GetProperty("list").EnumerateArray()
            .Select(row => (row.GetProperty("action").GetString(), row.GetProperty("detail").GetString()))
            .Should().Equal(("image.restore", $"{id}"), ("image.delete", $"{id}"));
    }
}
