using System.Net;
using System.Text.Json;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>Uploads in parts that a browser sends by itself.</summary>
public sealed class PartSpecs(GrantHouse house) : IClassFixture<GrantHouse>
{
    private static readonly byte[] Large = Samples.PhotoOf((11 << 20) + 7);

    [Fact]
    public async Task Parts_that_are_put_in_any_order_become_one_object_and_one_record()
    {
        var (_, token) = await house.UserAsync();
        var begun = await BeginAsync(token);
        (begun.GetProperty("parts").GetInt32(), begun.GetProperty("part_size").GetInt64()).Should().Be((3, 5L << 20));
        var urls = begun.GetProperty("urls").EnumerateArray().ToList();
        urls.Select(url => url.GetProperty("size").GetInt64()).Should().Equal(5L << 20, 5L << 20, (1L << 20) + 7);

        foreach (var url in urls.AsEnumerable().Reverse())
            (await PutPartAsync(url)).Should().Be(HttpStatusCode.OK);
        var listed = await house.GetAsync($"/oss/parts/{GrantHouse.Text(begun, "grant")}", token);
        listed.Data.EnumerateArray().Select(part => part.GetProperty("number").GetInt32()).Should().Equal(1, 2, 3);

        var row = await CompleteAsync(begun, token);
        var again = await CompleteAsync(begun, token);

        row.ShouldBeOk();
        again.ShouldBeOk();
        again.Data.GetProperty("id").GetInt64().Should().Be(row.Data.GetProperty("id").GetInt64());
        row.Data.GetProperty("size").GetInt64().Should().Be(Large.Length);
        (await house.RowsOfAsync(GrantHouse.Text(begun, "key"))).Should().Be(1);
        var stored = await house.Server.Client.GetByteArrayAsync(new Uri(GrantHouse.Text(begun, "object_url")));
        stored.AsSpan().SequenceEqual(Large).Should().BeTrue();
    }

    [Fact]
    public async Task A_part_of_another_size_is_refused_and_what_is_missing_is_told()
    {
        var (_, token) = await house.UserAsync();
        var begun = await BeginAsync(token);
        var urls = begun.GetProperty("urls").EnumerateArray().ToList();
        using var short1 = await house.Server.Client.PutAsync(new Uri(GrantHouse.Text(urls[0], "url")), new ByteArrayContent(new byte[100]));
        short1.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await PutPartAsync(urls[1])).Should().Be(HttpStatusCode.OK);

        (await CompleteAsync(begun, token)).ShouldFail(409, "PartsMissing");

        (await PutPartAsync(urls[0])).Should().Be(HttpStatusCode.OK);
        (await PutPartAsync(urls[2])).Should().Be(HttpStatusCode.OK);
        (await CompleteAsync(begun, token)).ShouldBeOk();
    }

    [Fact]
    public async Task Urls_are_signed_again_for_those_who_ask()
    {
        var (_, token) = await house.UserAsync();
        var begun = await BeginAsync(token);

        var answer = await house.PostAsync($"/oss/parts/{GrantHouse.Text(begun, "grant")}/urls", new { numbers = new[] { 2, 3, 4, 9999 } }, token);

        answer.Data.EnumerateArray().Select(url => url.GetProperty("number").GetInt32()).Should().Equal([2, 3], "there is no fourth");
        (await house.PostAsync($"/oss/parts/{GrantHouse.Text(begun, "grant")}/urls", new { numbers = Enumerable.Range(1, 101) }, token)).ShouldFail(422, "FieldInvalid");
    }

    [Fact]
    public async Task Somebody_elses_upload_is_not_there()
    {
        var ((_, mine), (_, theirs)) = (await house.UserAsync(), await house.UserAsync());
        var path = "/oss/parts/" + GrantHouse.Text(await BeginAsync(mine), "grant");

        (await house.GetAsync(path, theirs)).ShouldFail(404, "GrantNotFound");
        (await house.PostAsync(path + "/urls", new { numbers = new[] { 1 } }, theirs)).ShouldFail(404, "GrantNotFound");
        (await house.PostAsync(path + "/complete", null, theirs)).ShouldFail(404, "GrantNotFound");
        (await house.PostAsync(path + "/abort", null, theirs)).ShouldFail(404, "GrantNotFound");
        (await house.SendAsync(HttpMethod.Delete, path, null, theirs)).ShouldFail(404, "GrantNotFound");
        (await house.GetAsync(path, mine)).ShouldBeOk();
        (await house.GetAsync("/oss/parts/" + new string('0', 32), mine)).ShouldFail(404, "GrantNotFound");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_given_up_or_forgotten_leaves_no_parts(bool givenUp)
    {
        var (_, token) = await house.UserAsync();
        var begun = await BeginAsync(token);
        (await PutPartAsync(begun.GetProperty("urls")[0])).Should().Be(HttpStatusCode.OK);

        if (givenUp)
        {
            (await house.PostAsync($"/oss/parts/{GrantHouse.Text(begun, "grant")}/abort", null, token)).ShouldBeOk();
            (await house.GetAsync($"/oss/parts/{GrantHouse.Text(begun, "grant")}", token)).ShouldFail(404, "GrantNotFound");
        }

        await house.ExpireAsync(GrantHouse.Text(begun, "grant"), altogether: true);
        await house.KeepAsync();

        (await house.GrantsOfAsync(GrantHouse.Text(begun, "grant"))).Should().Be(0);
        (await house.HasPartsAsync(GrantHouse.Text(begun, "key"))).Should().BeFalse();
        (await house.RowsOfAsync(GrantHouse.Text(begun, "key"))).Should().Be(0);
    }

    [Fact]
    public async Task What_was_joined_and_not_recorded_because_the_answer_was_lost_is_recorded_by_the_keeper()
    {
        var (_, token) = await house.UserAsync();
        var begun = await BeginAsync(token);
        foreach (var url in begun.GetProperty("urls").EnumerateArray())
            await PutPartAsync(url);
        house.Server.Emulator.Faults.Add(new OssProxy.Emulator.FaultRule { Operation = OssProxy.Emulator.OssOperation.GetObject, Status = 500 });
        (await CompleteAsync(begun, token)).Status.Should().Be(HttpStatusCode.BadGateway);
        house.Server.Emulator.Faults.Clear();
        await house.ExpireAsync(GrantHouse.Text(begun, "grant"), altogether: true);

        await house.KeepAsync();

        (await house.RowsOfAsync(GrantHouse.Text(begun, "key"))).Should().Be(1);
    }

    [Theory]
    [InlineData(0, 400, "FileEmpty")]
    [InlineData(60L << 20, 413, "FileTooLarge")]
    public async Task What_the_class_does_not_take_does_not_begin(long size, int status, string code) =>
        (await house.PostAsync("/oss/parts", new { file_name = "a.jpg", size }, (await house.UserAsync()).Token)).ShouldFail(status, code);

    [Fact]
    public async Task A_size_has_to_be_told() =>
        (await house.PostAsync("/oss/parts", new { file_name = "a.jpg" }, (await house.UserAsync()).Token)).ShouldFail(422, "FieldInvalid");

    private async Task<JsonElement> BeginAsync(string token)
    {
        var answer = await house.PostAsync("/oss/parts", new { file_name = "a.jpg", size = Large.Length }, token);
        answer.ShouldBeOk();
        return answer.Data;
    }

    private Task<Answer> CompleteAsync(JsonElement begun, string token) =>
        house.PostAsync($"/oss/parts/{GrantHouse.Text(begun, "grant")}/complete", null, token);

    private async Task<HttpStatusCode> PutPartAsync(JsonElement url)
    {
        var at = (url.GetProperty("number").GetInt32() - 1) * (5 << 20);
        using var content = new ByteArrayContent(Large, at, url.GetProperty("size").GetInt32());
        using var answer = await house.Server.Client.PutAsync(new Uri(GrantHouse.Text(url, "url")), content);
        return answer.StatusCode;
    }
}
