using System.Net;
using System.Text.Json;
using OssProxy.Api.Images;
using OssProxy.Core.Storage;
using OssProxy.Emulator;

namespace OssProxy.Tests.Api.Images;

/// <summary>What becomes of results whose original has gone.</summary>
public sealed class ResultRemovalSpecs
{
    private static readonly (string Key, string Value)[] AtOnce = [("Uploads:Retention", "00:00:00"), ("Reconciliation:PollInterval", "00:00:00.2")];

    [Fact]
    public async Task Results_go_with_a_deleted_image_wherever_they_are_kept()
    {
        await using var house = await ImageHouse.OpenAsync([.. AtOnce, ("Images:DefaultStyle", "thumb")]);
        var (id, key) = await UploadedAsync(house);
        using var one = await house.GetAsync($"/img/{key}!thumb");
        using var other = await house.GetAsync($"/img/{key}!modern");
        one.StatusCode.Should().Be(HttpStatusCode.OK);
        foreach (var mirrored in new[] { $"{key}!thumb", $"{key}!old", key, $"{key}x!thumb", $"{key}!thumb!x", "else.jpg" })
            await PutResultAsync(house, mirrored);

        await house.AdminAsync(HttpMethod.Post, $"/admin/image/{id}/delete");

        await Eventually.TrueAsync(async () => (await house.ResultsAsync()).Count == 3, "what was made of it has gone");
        (await house.ResultsAsync()).Should().BeEquivalentTo($"{key}x!thumb", $"{key}!thumb!x", "else.jpg");
        using var gone = await house.GetAsync($"/img/{key}!thumb");
        await gone.ShouldRefuseAsync(404, "NoSuchKey");
    }

    [Fact]
    public async Task A_store_that_does_not_let_us_list_keeps_no_image_from_being_deleted()
    {
        await using var house = await ImageHouse.OpenAsync(AtOnce);
        var (id, key) = await UploadedAsync(house);
        using var made = await house.GetAsync($"/img/{key}!thumb");
        house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.ListObjectsV2, Status = 403, Code = "AccessDenied" });

        await house.AdminAsync(HttpMethod.Post, $"/admin/image/{id}/delete");

        await Eventually.TrueAsync(async () => (await house.Server.RowsAsync()).Stored == 0, "the row has gone");
        (await house.Oss.Objects.HeadAsync(ObjectKey.Parse(key), CancellationToken.None)).Should().BeNull();
    }

    [Fact]
    public async Task A_store_that_fails_is_asked_again()
    {
        await using var house = await ImageHouse.OpenAsync([.. AtOnce, ("Oss:Attempts", "1")]);
        var (id, key) = await UploadedAsync(house);
        using var made = await house.GetAsync($"/img/{key}!thumb");
        var fault = house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.ListObjectsV2, Count = 1, Status = 500 });

        await house.AdminAsync(HttpMethod.Post, $"/admin/image/{id}/delete");
        await fault.WaitForHitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);

        await Eventually.TrueAsync(async () => (await house.ResultsAsync()).Count == 0, "the second attempt has done it");
    }

    [Fact]
    public async Task A_sweep_finds_what_was_left_and_leaves_everything_else()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("there.jpg");
        await house.PutAsync("images/there.jpg");
        await house.PutAsync("gone.jpg");
        foreach (var target in new[] { "/img/there.jpg!thumb", "/img/gone.jpg!thumb", "/img/gone.jpg!modern" })
        {
            using var made = await house.GetAsync(target);
            made.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        string[] others = ["images/there.jpg!thumb", "gone.jpg!thumb", "images/gone.jpg!none", "saved.jpg"];
        foreach (var mirrored in others.Append("images/gone.jpg!thumb").Append("derived/readme.txt"))
            await PutResultAsync(house, mirrored);
        await house.Oss.Objects.DeleteAsync(ObjectKey.Parse("gone.jpg"), CancellationToken.None);

        var young = await SweepAsync(house, "--dry-run", "--grace", "01:00:00");
        young.Should().Be((0, "查看了 5 个处理结果，原图已不存在的 0 个。"));
        var told = await SweepAsync(house, "--dry-run", "--grace=00:00:00");
        told.Code.Should().Be(2);
        told.Text.Split('\n').Count(line => line.StartsWith("orphan ", StringComparison.Ordinal)).Should().Be(3);
        (await house.ResultsAsync()).Should().HaveCount(9);
        var removed = await SweepAsync(house, "--grace", "00:00:00");

        removed.Code.Should().Be(0);
        removed.Text.Should().Contain("removed images/gone.jpg!thumb").And.EndWith("查看了 5 个处理结果，原图已不存在的 3 个，已删除。");
        (await house.ResultsAsync()).Where(key => !key.StartsWith("derived/", StringComparison.Ordinal)).Should().BeEquivalentTo(others);
        (await house.ResultsAsync()).Where(key => key.StartsWith("derived/", StringComparison.Ordinal)).Should().HaveCount(2).And.Contain("derived/readme.txt");
        (await SweepAsync(house, "--gracee", "00:00:00")).Code.Should().Be(1);
        (await SweepAsync(house, "--grace")).Code.Should().Be(1);
    }

    [Fact]
    public async Task On_a_disk_results_lie_where_nobody_is_served_from_and_go_with_the_image()
    {
        await using var house = await ImageHouse.OpenAsync([.. AtOnce, ("Storage:Provider", "local"), ("Images:Bucket", "")]);
        var (id, key) = await UploadedAsync(house);
        using var made = await house.GetAsync($"/img/{key}!thumb");
        made.StatusCode.Should().Be(HttpStatusCode.OK);
        var kept = (await house.ResultsAsync()).Should().ContainSingle().Subject;
        using var served = await house.GetAsync($"/public/uploads/{kept}");
        served.StatusCode.Should().Be(HttpStatusCode.NotFound);

        await house.AdminAsync(HttpMethod.Post, $"/admin/image/{id}/delete");

        await Eventually.TrueAsync(async () => (await house.ResultsAsync()).Count == 0, "the result has gone");
    }

    private static async Task<(int Code, string Text)> SweepAsync(ImageHouse house, params string[] words)
    {
        await using var output = new StringWriter();
        var settings = ApiServer.Settings(house.Server.Emulator.Address, house.Server.Folder)
            .Where(pair => pair.Key.Contains(':', StringComparison.Ordinal) && !pair.Key.StartsWith("Serilog", StringComparison.Ordinal))
            .Append(KeyValuePair.Create("Images:Bucket", (string?)ImageHouse.Results))
            .Append(KeyValuePair.Create("Images:Styles:thumb", (string?)"image/resize,w_100"))
            .Select(pair => $"--{pair.Key}={pair.Value}");
        var code = await DerivedSweep.RunAsync([.. words, .. settings], output);
        return (code, output.ToString().Trim());
    }

    private static async Task PutResultAsync(ImageHouse house, string key)
    {
        using var body = new MemoryStream([1]);
        await house.Store.PutAsync(ObjectKey.Parse(key), new ObjectContent { Body = body, Length = 1, ContentType = "image/jpeg" }, CancellationToken.None);
    }

    private static async Task<(long Id, string Key)> UploadedAsync(ImageHouse house)
    {
        using var body = new Form().File("img", "a.jpg", Api.Samples.PhotoOf(3000)).ToContent();
        using var answer = await house.Client.PostAsync("/api/chat/uploadAliyun", body);
        var key = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("data")[0].GetProperty("path").GetString()!;
        var list = await house.AdminAsync(HttpMethod.Get, "/admin/image/search/1");
        return (list.GetProperty("data").GetProperty("list")[0].GetProperty("id").GetInt64(), key);
    }
}
