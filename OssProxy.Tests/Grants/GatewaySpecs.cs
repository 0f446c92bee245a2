using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>The gateway takes what OSS would take, and nothing else.</summary>
public sealed class GatewaySpecs(GrantHouse house) : IClassFixture<GrantHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);

    [Theory]
    [InlineData("x-oss-meta-note", "a")]
    [InlineData("x-oss-tagging", "a=b")]
    [InlineData("x-oss-storage-class", "Archive")]
    [InlineData("success_action_redirect", "https://evil.example/")]
    [InlineData("Content-Disposition", "inline")]
    [InlineData("callback", "e30=")]
    [InlineData("anything", "at all")]
    public async Task A_field_that_the_policy_does_not_name_is_refused(string field, string value)
    {
        foreach (var policy in new[] { await StrictAsync("1"), await house.PolicyAsync("?via=gateway") })
        {
            var key = policy.TryGetProperty("key", out _) ? null : GrantHouse.Text(policy, "dir") + "a.jpg";
            using var answer = await house.PostFormAsync(policy, Photo, key, fields => fields.Add(new(field, value)));

            answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
            (await answer.Content.ReadAsStringAsync()).Should().Contain("<Code>AccessDenied</Code>").And.Contain($"${field.ToLowerInvariant()}");
        }
    }

    [Theory]
    [InlineData(null, 204)]
    [InlineData("200", 200)]
    [InlineData("201", 201)]
    [InlineData("204", 204)]
    [InlineData("302", 204)]
    public async Task The_answer_is_the_one_that_the_form_wants(string? wanted, int status)
    {
        var (_, token) = await house.UserAsync();
        var policy = await house.PolicyAsync("?via=gateway", token);
        var key = GrantHouse.Text(policy, "dir") + "1732-猫.jpg";

        using var answer = await house.PostFormAsync(policy, Photo, key, fields =>
        {
            if (wanted is not null)
                fields.Add(new("success_action_status", wanted));
        });

        ((int)answer.StatusCode).Should().Be(status);
        var text = await answer.Content.ReadAsStringAsync();
        if (status == 201)
            text.Should().Contain($"<Key>{key}</Key>").And.StartWith("<?xml").And.Contain("<PostResponse><Bucket>");
        else
            text.Should().BeEmpty();

        var row = await house.ConfirmAsync(GrantHouse.Text(policy, "grant"), key, token);
        row.ShouldBeOk();
        (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.HeadAsync($"{GrantHouse.Text(policy, "host")}/{key}")).ContentType!.ToString().Should().Be("image/jpeg", "clients make the address so");
    }

    [Fact]
    public async Task A_form_that_is_posted_twice_makes_one_object_and_one_record()
    {
        var policy = await house.PolicyAsync("?via=gateway", (await house.UserAsync()).Token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => house.PostFormAsync(policy, Photo, key)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).Should().Be(1);
        answers.Where(answer => answer.StatusCode != HttpStatusCode.NoContent).Should().AllSatisfy(answer => answer.StatusCode.Should().Be(HttpStatusCode.Conflict));
        (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.HasObjectAsync(key)).Should().BeTrue();
    }

    [Theory]
    [InlineData("images/20260101/1_a.jpg")]
    [InlineData("uploads/")]
    [InlineData("{dir}")]
    [InlineData("{dir}../7/a.jpg")]
    [InlineData("{dir}a/")]
    [InlineData("/{dir}a.jpg")]
    public async Task A_key_elsewhere_is_refused(string key)
    {
        var policy = await house.PolicyAsync("?via=gateway", (await house.UserAsync()).Token);

        using var answer = await house.PostFormAsync(policy, Photo, key.Replace("{dir}", GrantHouse.Text(policy, "dir"), StringComparison.Ordinal));

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_file_stands_behind_its_fields_and_alone()
    {
        var policy = await house.PolicyAsync("?via=gateway", (await house.UserAsync()).Token);
        var key = GrantHouse.Text(policy, "dir") + "a.jpg";
        var fields = policy.GetProperty("fields").EnumerateObject().ToList();

        var early = new Form().Field("key", key).File("file", "a.jpg", Photo);
        var late = new Form().Field("key", key);
        var twice = new Form().Field("key", key);
        foreach (var field in fields)
        {
            early.Field(field.Name, field.Value.GetString()!);
            late.Field(field.Name, field.Value.GetString()!);
            twice.Field(field.Name, field.Value.GetString()!);
        }

        await ShouldRefuseAsync(policy, early, 400, "InvalidArgument");
        await ShouldRefuseAsync(policy, late.File("file", "a.jpg", Photo).Field("x", "y"), 400, "IncorrectNumberOfFilesInPOSTRequest");
        await ShouldRefuseAsync(policy, twice.File("file", "a.jpg", Photo).File("file", "b.jpg", Photo), 400, "IncorrectNumberOfFilesInPOSTRequest");
        await Eventually.TrueAsync(async () => !await house.HasObjectAsync(key), "nothing is left");
        (await house.RowsOfAsync(key)).Should().Be(0);
    }

    [Fact]
    public async Task An_expired_a_foreign_and_an_invented_policy_are_refused()
    {
        var direct = await house.PolicyAsync("?via=direct");
        var gone = await house.PolicyAsync("?via=gateway");
        await house.ExpireAsync(GrantHouse.Text(gone, "grant"), altogether: true);
        await house.KeepAsync();
        var brief = await house.PolicyAsync("?via=gateway&expires=1");
        await Eventually.TrueAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > brief.GetProperty("expire").GetInt64()), "the policy has run out");

        await ShouldRefuseAsync(brief, "AccessDenied", "Policy expired");
        await ShouldRefuseAsync(gone, "InvalidAccessKeyId", "does not exist");
        await ShouldRefuseAsync(direct, "InvalidAccessKeyId", "does not exist", GrantHouse.Text(brief, "host"));
    }

    [Fact]
    public async Task What_the_policy_of_the_class_refuses_is_refused_here_too()
    {
        var policy = await house.PolicyAsync("?via=gateway");
        using var answer = await house.PostFormAsync(
            policy, Encoding.UTF8.GetBytes("<!DOCTYPE html><script>alert(1)</script>"), GrantHouse.Text(policy, "dir") + "a.jpg");

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("<Code>AccessDenied</Code>");
    }

    [Fact]
    public async Task The_name_of_the_file_may_stand_in_the_key()
    {
        var policy = await house.PolicyAsync("?via=gateway");
        var dir = GrantHouse.Text(policy, "dir");

        using var answer = await house.PostFormAsync(policy, Photo, dir + "x-${filename}", fields => fields.Add(new("success_action_status", "201")));

        (await answer.Content.ReadAsStringAsync()).Should().Contain($"<Key>{dir}x-photo.jpg</Key>");
    }

    private async Task<JsonElement> StrictAsync(string version) => await house.PolicyAsync(
        string.Create(CultureInfo.InvariantCulture, $"?via=gateway&file_name=a.jpg&size={Photo.Length}&version={version}"), (await house.UserAsync()).Token);

    private async Task ShouldRefuseAsync(JsonElement policy, Form form, int status, string code)
    {
        using var content = form.ToContent();
        using var answer = await house.Server.Client.PostAsync(new Uri(GrantHouse.Text(policy, "host")), content);
        ((int)answer.StatusCode).Should().Be(status);
        (await answer.Content.ReadAsStringAsync()).Should().Contain($"<Code>{code}</Code>");
    }

    private async Task ShouldRefuseAsync(JsonElement policy, string code, string message, string? host = null)
    {
        var fields = policy.GetProperty("fields").EnumerateObject().Select(field => KeyValuePair.Create(field.Name, field.Value.GetString()!))
            .Prepend(new("key", GrantHouse.Text(policy, "dir") + "a.jpg"));
        using var answer = await house.PostFormAsync(host ?? GrantHouse.Text(policy, "host"), fields, Photo);
        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).Should().Contain($"<Code>{code}</Code>").And.Contain(message);
    }
}
