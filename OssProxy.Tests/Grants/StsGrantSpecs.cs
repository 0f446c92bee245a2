using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Emulator;

namespace OssProxy.Tests.Grants;

/// <summary>Temporary credentials: what they let their holder do, for how long, and what becomes of what is sent with them.</summary>
public sealed class StsGrantSpecs(StsHouse house) : IClassFixture<StsHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);

    [Fact]
    public async Task What_is_put_with_them_becomes_one_record_by_confirmation_or_by_itself()
    {
        var (id, token) = await house.UserAsync();
        var sts = await StsAsync(token);
        GrantHouse.Text(sts, "dir").Should().Be($"uploads/{id}/");
        using var client = Client(sts);
        var (confirmed, silent) = (ObjectKey.Parse($"uploads/{id}/a.jpg"), ObjectKey.Parse($"uploads/{id}/b/c.jpg"));
        foreach (var key in new[] { confirmed, silent })
            await client.Objects.PutAsync(key, new MemoryStream(Photo), Photo.Length, new OssObjectSettings { ContentType = "text/html" }, CancellationToken.None);

        (await house.ConfirmAsync(GrantHouse.Text(sts, "grant"), confirmed.Value, token)).ShouldBeOk();
        await house.ExpireAsync(GrantHouse.Text(sts, "grant"), altogether: true);
        await house.KeepAsync();

        foreach (var key in new[] { confirmed, silent })
        {
            (await house.RowsOfAsync(key.Value)).Should().Be(1);
            (await house.HeadAsync($"{house.Server.Emulator.Address}{ApiServer.Bucket}/{key}")).ContentType!.ToString().Should().Be("image/jpeg");
        }
    }

    [Fact]
    public async Task They_are_good_for_nothing_else()
    {
        var (id, token) = await house.UserAsync();
        var (other, _) = await house.UserAsync();
        using var client = Client(await StsAsync(token));
        var mine = ObjectKey.Parse($"uploads/{id}/a.jpg");
        await PutAsync(client, mine);

        var deeds = new Dictionary<string, Func<Task>>
        {
            ["another's folder"] = () => PutAsync(client, ObjectKey.Parse($"uploads/{other}/a.jpg")),
            ["a folder that begins alike"] = () => PutAsync(client, ObjectKey.Parse($"uploads/{id}0/a.jpg")),
            ["the images"] = () => PutAsync(client, ObjectKey.Parse("images/20260101/a.jpg")),
            ["deleting"] = () => client.Objects.DeleteAsync(mine, CancellationToken.None),
            ["reading"] = async () => await (await client.Objects.GetAsync(mine, null, CancellationToken.None))!.DisposeAsync(),
            ["listing"] = () => client.Bucket.ListPageAsync(new OssListQuery { Prefix = $"uploads/{id}/" }, CancellationToken.None),
            ["copying from elsewhere"] = () => client.Objects.CopyAsync(ObjectKey.Parse("images/a.jpg"), mine, null, CancellationToken.None),
        };
        foreach (var (deed, run) in deeds)
            (await run.Should().ThrowAsync<OssException>(deed)).Which.Status.Should().Be(403, deed);
    }

    [Fact]
    public async Task The_same_caller_is_given_the_same_for_a_while_and_nobody_elses()
    {
        var (mine, theirs) = ((await house.UserAsync()).Token, (await house.UserAsync()).Token);
        var first = await StsAsync(mine);
        var before = Calls();
        before.Should().BePositive();

        var again = await StsAsync(mine);

        Calls().Should().Be(before, "the service is not asked again");
        GrantHouse.Text(again, "AccessKeyId").Should().Be(GrantHouse.Text(first, "AccessKeyId"));
        GrantHouse.Text(again, "grant").Should().NotBe(GrantHouse.Text(first, "grant"));
        var other = await StsAsync(theirs);
        GrantHouse.Text(other, "AccessKeyId").Should().NotBe(GrantHouse.Text(first, "AccessKeyId"));
        (await house.GetAsync("/oss/sts")).ShouldFail(401, "TokenMissing");
        var life = DateTimeOffset.Parse(GrantHouse.Text(first, "Expiration"), CultureInfo.InvariantCulture) - TimeProvider.System.GetUtcNow();
        life.Should().BeGreaterThan(TimeSpan.FromMinutes(14)).And.BeLessThan(TimeSpan.FromMinutes(16));
    }

    [Fact]
    public async Task A_page_or_too_much_of_a_picture_that_was_put_is_removed_when_it_is_found()
    {
        var (id, token) = await house.UserAsync();
        var classId = await house.ClassAsync("""{"max_file_bytes":3999}""");
        var answer = await house.GetAsync($"/oss/sts?imageClassId={classId}", token);
        answer.ShouldBeOk();
        using var client = Client(answer.Data);
        var (page, large) = (ObjectKey.Parse($"uploads/{id}/page.jpg"), ObjectKey.Parse($"uploads/{id}/large.jpg"));
        await PutAsync(client, page, Encoding.UTF8.GetBytes("<!DOCTYPE html><script>1</script>"));
        await PutAsync(client, large);

        (await house.ConfirmAsync(GrantHouse.Text(answer.Data, "grant"), large.Value, token)).ShouldFail(413, "FileTooLarge");
        await house.ExpireAsync(GrantHouse.Text(answer.Data, "grant"), altogether: false);
        await house.KeepAsync();

        foreach (var key in new[] { page, large })
        {
            await house.ShouldBeGoneAsync(key.Value);
            (await house.RowsOfAsync(key.Value)).Should().Be(0);
        }
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Aliyuns_own_SDK_uploads_with_our_answer_whole_and_in_parts(string authorizationV4)
    {
        await NodeSdk.RestoreAsync();
        var (id, token) = await house.UserAsync();
        var sts = await StsAsync(token);

        var said = await NodeSdk.RunScriptAsync("our-sts.js", sts.GetRawText(), authorizationV4, Samples.PathOf("photo.jpg"));

        said.Trim().Should().Be("""{"put":200,"parts":200,"elsewhere":"AccessDenied","delete":"AccessDenied"}""");
        foreach (var key in new[] { $"uploads/{id}/whole.jpg", $"uploads/{id}/parts.jpg" })
        {
            (await house.ConfirmAsync(null, key, token)).ShouldBeOk();
            (await house.ConfirmAsync(GrantHouse.Text(sts, "grant"), key, token)).ShouldBeOk();
            (await house.RowsOfAsync(key)).Should().Be(1);
        }
    }

    [Fact]
    public async Task Where_there_is_no_role_or_no_service_it_is_said_whose_fault_it_is()
    {
        await using var none = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/oss/sts") { Headers = { { "token", ApiServer.AdminKey } } };
        using var refused = await none.Client.SendAsync(request);
        (await Answer.ReadAsync(refused)).ShouldFail(501, "StsNotConfigured");

        house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.AssumeRole, Status = 403, Code = "NoPermission", Count = 1 });
        (await house.GetAsync("/oss/sts", (await house.UserAsync()).Token)).ShouldFail(502, "StsDenied");
    }

    private int Calls() => house.Server.Emulator.Requests.Snapshot().Count(entry => entry.Operation == OssOperation.AssumeRole);

    private async Task<JsonElement> StsAsync(string token)
    {
        var answer = await house.GetAsync("/oss/sts", token);
        answer.ShouldBeOk();
        return answer.Data;
    }

    private OssClient Client(JsonElement sts) => new(
        new OssOptions
        {
            Endpoint = GrantHouse.Text(sts, "endpoint"),
            Region = GrantHouse.Text(sts, "region"),
            Bucket = GrantHouse.Text(sts, "bucket"),
            AccessKeyId = GrantHouse.Text(sts, "AccessKeyId"),
            AccessKeySecret = GrantHouse.Text(sts, "AccessKeySecret"),
            SecurityToken = GrantHouse.Text(sts, "SecurityToken"),
            Attempts = 1,
        },
        TimeProvider.System, NullLogger<OssClient>.Instance);

    private static Task<OssStored> PutAsync(OssClient client, ObjectKey key, byte[]? file = null) =>
        client.Objects.PutAsync(key, new MemoryStream(file ?? Photo), (file ?? Photo).Length, new OssObjectSettings { ContentType = "image/jpeg" }, CancellationToken.None);
}
