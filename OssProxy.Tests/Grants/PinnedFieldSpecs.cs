using System.Globalization;
using System.Net;
using System.Text.Json;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>Every field that a grant for one file pins, at the store and at the gateway, with both versions of the signature: changed after
/// signing, left out or sent twice, it is refused. The table is made from the grants themselves.</summary>
public sealed class PinnedFieldSpecs(CallbackHouse house) : IClassFixture<CallbackHouse>
{
    private static readonly byte[] Photo = Samples.PhotoOf(4000);

    private static readonly string[] Pinned =
    [
        "key", "x-oss-content-type", "Content-Disposition", "x-oss-forbid-overwrite", "x-oss-object-acl", "success_action_status", "callback", "x:grant",
    ];

    private static readonly string[] ProofV1 = ["OSSAccessKeyId", "policy", "Signature"];

    private static readonly string[] ProofV4 = ["x-oss-signature-version", "x-oss-credential", "x-oss-date", "policy", "x-oss-signature"];

    public enum Change
    {
        ToAnother,
        LeftOut,
        SentTwice,
        OfOtherCase,
        Longer,
    }

    public static TheoryData<string, string, string, Change> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string, Change>();
            foreach (var via in new[] { "direct", "gateway" })
            {
                foreach (var (version, proof) in new[] { ("1", ProofV1), ("4", ProofV4) })
                {
                    // We are not called back by ourselves.
                    foreach (var name in Pinned.Concat(proof).Where(name => via == "direct" || name is not ("callback" or "x:grant")))
                    {
                        foreach (var change in Enum.GetValues<Change>())
                            cases.Add(via, version, name, change);
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_was_signed_cannot_be_changed(string via, string version, string name, Change change)
    {
        var policy = await GrantAsync(via, version);

        using var answer = await house.PostFormAsync(policy, Photo, change: fields => Apply(fields, name, change));

        ((int)answer.StatusCode).Should().BeInRange(400, 403, await answer.Content.ReadAsStringAsync());
        (await answer.Content.ReadAsStringAsync()).Should().Contain("<Error>").And.Contain("<Code>");
        await house.ShouldBeGoneAsync(GrantHouse.Text(policy, "key"));
        (await house.RowsOfAsync(GrantHouse.Text(policy, "key"))).Should().Be(0);
    }

    [Theory]
    [InlineData("direct", "1")]
    [InlineData("direct", "4")]
    [InlineData("gateway", "1")]
    [InlineData("gateway", "4")]
    public async Task The_table_has_every_field_of_a_grant_and_what_is_left_as_it_was_is_taken_once(string via, string version)
    {
        var policy = await GrantAsync(via, version);

        policy.GetProperty("fields").EnumerateObject().Select(field => field.Name).Should().BeEquivalentTo(
            ((IEnumerable<object[]>)Cases).Where(row => (string)row[0] == via && (string)row[1] == version).Select(row => (string)row[2]).Distinct());
        using var taken = await house.PostFormAsync(policy, Photo);
        taken.StatusCode.Should().Be(HttpStatusCode.OK);
        using var replayed = await house.PostFormAsync(policy, Photo);
        replayed.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await replayed.Content.ReadAsStringAsync()).Should().Contain("<Code>FileAlreadyExists</Code>");
        (await house.ConfirmAsync(GrantHouse.Text(policy, "grant"))).ShouldBeOk();
        (await house.RowsOfAsync(GrantHouse.Text(policy, "key"))).Should().Be(1);
    }

    [Theory]
    [InlineData(3999, "EntityTooSmall")]
    [InlineData(4001, "EntityTooLarge")]
    public async Task The_size_is_the_one_that_was_granted_at_either(int length, string code)
    {
        foreach (var via in new[] { "direct", "gateway" })
        {
            var policy = await GrantAsync(via, "4");
            using var answer = await house.PostFormAsync(policy, Samples.PhotoOf(length));

            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            (await answer.Content.ReadAsStringAsync()).Should().Contain($"<Code>{code}</Code>");
            await house.ShouldBeGoneAsync(GrantHouse.Text(policy, "key"));
        }
    }

    [Fact]
    public async Task An_expired_policy_and_one_for_the_other_place_are_refused_by_the_store_too()
    {
        var brief = await house.PolicyAsync("?via=direct&expires=1");
        await Eventually.TrueAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > brief.GetProperty("expire").GetInt64()), "it has run out");
        var gateway = await house.PolicyAsync("?via=gateway");
        var fields = gateway.GetProperty("fields").EnumerateObject().Select(field => KeyValuePair.Create(field.Name, field.Value.GetString()!))
            .Prepend(new("key", GrantHouse.Text(gateway, "dir") + "a.jpg"));

        using var expired = await house.PostFormAsync(brief, Photo, GrantHouse.Text(brief, "dir") + "a.jpg");
        using var foreign = await house.PostFormAsync(GrantHouse.Text(brief, "host"), fields, Photo);
        using var elsewhere = await house.PostFormAsync(await house.PolicyAsync("?via=direct"), Photo, "images/20260101/1.jpg");

        (await expired.Content.ReadAsStringAsync()).Should().Contain("Policy expired");
        (await foreign.Content.ReadAsStringAsync()).Should().Contain("<Code>InvalidAccessKeyId</Code>");
        (await elsewhere.Content.ReadAsStringAsync()).Should().Contain("<Code>AccessDenied</Code>").And.Contain("$key");
    }

    private async Task<JsonElement> GrantAsync(string via, string version)
    {
        // A class whose files are downloads, so that the disposition is a field, too.
        var classId = await house.ClassAsync("""{"disposition":"attachment"}""");
        return await house.PolicyAsync(string.Create(
            CultureInfo.InvariantCulture, $"?via={via}&version={version}&file_name=a.jpg&size={Photo.Length}&imageClassId={classId}"));
    }

    private static void Apply(List<KeyValuePair<string, string>> fields, string name, Change change)
    {
        var at = fields.FindIndex(field => field.Key == name);
        at.Should().BeGreaterThanOrEqualTo(0, $"the grant has {name}");
        var value = fields[at].Value;
        switch (change)
        {
            case Change.ToAnother:
                var middle = value.Length / 2;
                fields[at] = new(name, value[..middle] + (value[middle] == 'b' ? 'c' : 'b') + value[(middle + 1)..]);
                break;
            case Change.LeftOut:
                fields.RemoveAt(at);
                break;
            case Change.SentTwice:
                fields.Add(new(name.ToUpperInvariant(), value));
                break;
            case Change.OfOtherCase:
                fields[at] = new(name, value.Any(char.IsLower) ? value.ToUpperInvariant() : "x" + value);
                break;
            default:
                fields[at] = new(name, value + "0");
                break;
        }
    }
}
