using OssProxy.Emulator;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Policies;

namespace OssProxy.Tests.Emulator;

/// <summary>The grammar of policies and what follows from one, without a server.</summary>
public sealed class RamPolicySpecs
{
    [Theory]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/user/*", "photos", "user/a", true)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/user/*", "photos", "user/", true)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/user/*", "photos", "user/a/b/c", true)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/user/*", "photos", "user2/a", false)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/user/*", "photos", "User/a", false)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/user/*", "photos2", "user/a", false)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos*", "photos2", "user/a", true)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/user?/a", "photos", "user1/a", true)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/user?/a", "photos", "user12/a", false)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/a", "photos", "a", true)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/a", "photos", "ab", false)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/a", "other", "x:y:photos/a", false)]
    [InlineData("oss:PutObject", "acs:oss:*:*:photos/a:b*", "photos", "a:bc", true)]
    [InlineData("oss:PutObject", "acs:oss:oss-cn-hangzhou:1000000000000000:photos/*", "photos", "a", true)]
    [InlineData("oss:PutObject", "acs:oss:cn-hangzhou:*:photos/*", "photos", "a", true)]
    [InlineData("oss:PutObject", "acs:oss:cn-beijing:*:photos/*", "photos", "a", false)]
    [InlineData("oss:PutObject", "acs:oss:*:2000000000000000:photos/*", "photos", "a", false)]
    [InlineData("oss:PutObject", "acs:ecs:*:*:photos/*", "photos", "a", false)]
    [InlineData("oss:PutObject", "*", "photos", "a", true)]
    [InlineData("oss:Put*", "*", "photos", "a", true)]
    [InlineData("oss:*", "*", "photos", "a", true)]
    [InlineData("*", "*", "photos", "a", true)]
    [InlineData("oss:putobject", "*", "photos", "a", false)]
    [InlineData("oss:PutObjectAcl", "*", "photos", "a", false)]
    [InlineData("ecs:*", "*", "photos", "a", false)]
    public void Patterns_mean_what_they_say(string action, string resource, string bucket, string key, bool allowed) =>
        Policy(Statement("Allow", action, resource)).Allows(Request(OssOperation.PutObject, bucket, key)).Should().Be(allowed);

    [Fact]
    public void What_nothing_allows_is_denied_and_a_denial_wins()
    {
        Policy(Statement("Deny", "oss:GetObject", "*")).Allows(Request(OssOperation.PutObject, "photos", "a")).Should().BeFalse();
        var mixed = Policy(Statement("Allow", "oss:*", "*"), Statement("Deny", "oss:*", "acs:oss:*:*:photos/private/*"));
        mixed.Allows(Request(OssOperation.PutObject, "photos", "a")).Should().BeTrue();
        mixed.Allows(Request(OssOperation.PutObject, "photos", "private/a")).Should().BeFalse();
    }

    [Fact]
    public void A_denial_is_read_widely()
    {
        var policy = Policy(Statement("Allow", "oss:*", "*"), Statement("Deny", "oss:deleteobject", "*"));
        policy.Allows(Request(OssOperation.DeleteObject, "photos", "a")).Should().BeFalse();
    }

    [Fact]
    public void Role_and_session_must_both_allow()
    {
        var (put, get) = (Policy(Statement("Allow", "oss:PutObject", "*")), Policy(Statement("Allow", "oss:GetObject", "*")));
        var request = Request(OssOperation.PutObject, "photos", "a");
        Rights(null, null).Allow(request).Should().BeTrue();
        Rights(put, null).Allow(request).Should().BeTrue();
        Rights(null, put).Allow(request).Should().BeTrue();
        Rights(put, put).Allow(request).Should().BeTrue();
        Rights(put, get).Allow(request).Should().BeFalse();
        Rights(get, put).Allow(request).Should().BeFalse();
    }

    [Fact]
    public void Every_operation_of_OSS_has_its_action()
    {
        OssOperation[] without = [OssOperation.Unknown, OssOperation.OptionObject, OssOperation.AssumeRole];
        Enum.GetValues<OssOperation>().Where(o => PolicyRequest.Of(o, "photos", "a", QueryParameters.Empty, "", "") is null).Should().BeEquivalentTo(without);
    }

    [Theory]
    [InlineData("StringLike", "user/*", "prefix=user%2Fa", true)]
    [InlineData("StringLike", "user/*", "prefix=other", false)]
    [InlineData("StringLike", "user/*", "", false)]
    [InlineData("StringLike", "", "", true)]
    [InlineData("StringEquals", "user/", "prefix=user%2F", true)]
    [InlineData("StringEquals", "user/*", "prefix=user%2Fa", false)]
    public void A_condition_looks_at_the_prefix_of_a_listing(string comparison, string value, string query, bool allowed)
    {
        var condition = $$$""","Condition":{"{{{comparison}}}":{"oss:Prefix":["{{{value}}}","never"]}}""";
        var policy = Policy(Statement("Allow", "oss:*", "*", condition));
        policy.Allows(PolicyRequest.Of(OssOperation.ListObjectsV2, "photos", null, QueryParameters.Parse(query), "", "")!).Should().Be(allowed);
        policy.Allows(PolicyRequest.Of(OssOperation.GetObject, "photos", "a", QueryParameters.Parse(query), "", "")!).Should().BeFalse();
    }

    [Fact]
    public void All_conditions_must_be_met()
    {
        var policy = Policy(Statement("Allow", "oss:ListObjects", "*", ""","Condition":{"StringLike":{"oss:Prefix":"user/*"},"StringEquals":{"oss:Delimiter":"/"}}"""));
        bool Allows(string query) => policy.Allows(PolicyRequest.Of(OssOperation.ListObjects, "photos", null, QueryParameters.Parse(query), "", "")!);
        Allows("prefix=user/&delimiter=/").Should().BeTrue();
        Allows("prefix=user/").Should().BeFalse();
        Allows("delimiter=/").Should().BeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"Version":"1"}""")]
    [InlineData("""{"Version":"1","Statement":[]}""")]
    [InlineData("""{"Version":"1","Statement":{}}""")]
    [InlineData("""{"Version":"1","Statement":["x"]}""")]
    [InlineData("""{"Version":1,"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Id":"x","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Action":"*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":[],"Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":[1],"Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"PutObject","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"photos/*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"acs:oss:*:photos/*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:oss:*:*:photos/*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":[]}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLikes":{"oss:Prefix":"a"}}}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"oss:Prefix":[]}}}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]} x""")]
    public void What_is_no_policy_is_refused(string json) => Refusal(json).Should().Be((400, "InvalidParameter.PolicyGrammar"));

    [Theory]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","NotAction":"*","Resource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","NotResource":"*"}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"acs:SourceIp":"10.0.0.1"}}}]}""")]
    [InlineData("""{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"acs:CurrentTime":"x"}}}]}""")]
    public void What_is_not_built_is_refused_by_name(string json) => Refusal(json).Should().Be((501, "NotImplemented"));

    private static (int Status, string Code) Refusal(string json)
    {
        var error = FluentActions.Invoking(() => RamPolicy.Parse(json)).Should().Throw<OssException>(json).Which;
        return (error.Status, error.Code);
    }

    private static string Statement(string effect, string action, string resource, string more = "") =>
        $$"""{"Effect":"{{effect}}","Action":"{{action}}","Resource":["{{resource}}"]{{more}}}""";

    private static RamPolicy Policy(params string[] statements) => RamPolicy.Parse($$"""{"Version":"1","Statement":[{{string.Join(',', statements)}}]}""");

    private static SessionRights Rights(RamPolicy? role, RamPolicy? session) => new("", "1000000000000000", "cn-hangzhou", role, session);

    private static PolicyRequest Request(OssOperation operation, string bucket, string key) =>
        PolicyRequest.Of(operation, bucket, key, QueryParameters.Empty, "cn-hangzhou", "1000000000000000")!;
}
