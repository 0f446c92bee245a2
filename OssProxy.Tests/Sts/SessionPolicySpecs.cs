using System.Text.Json;
using OssProxy.Core.Sts;

namespace OssProxy.Tests.Sts;

public sealed class SessionPolicySpecs
{
    [Fact]
    public void A_folder_may_be_uploaded_to_and_nothing_else() =>
        SessionPolicy.ForPrefix("photos", "images/u1/", SessionActions.Upload).Json.Should().Be(
            """{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:PutObject","oss:AbortMultipartUpload","oss:ListParts"],"""
            + """ "Resource":["acs:oss:*:*:photos/images/u1/*"]}]}""".TrimStart());

    [Fact]
    public void A_key_is_one_object() =>
        SessionPolicy.ForKey("photos", "images/a b.jpg", SessionActions.Put | SessionActions.Get).Json.Should().Be(
            """{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:PutObject","oss:GetObject"],"Resource":["acs:oss:*:*:photos/images/a b.jpg"]}]}""");

    [Fact]
    public void Chinese_letters_stay_as_they_are() =>
        SessionPolicy.ForPrefix("photos", "图片/甲/", SessionActions.Put).Json.Should().Contain("photos/图片/甲/*");

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("*/")]
    [InlineData("images/*/")]
    [InlineData("images/u?/")]
    [InlineData("images/${acs:UserName}/")]
    [InlineData("images/u\"],\"Resource\":[\"acs:oss:*:*:*\"]/")]
    [InlineData("images/u'/")]
    [InlineData("images/u\\/")]
    [InlineData("images/u\n/")]
    [InlineData("images/u\u2028/")]
    [InlineData("images/../other/")]
    [InlineData("images/./")]
    [InlineData("images//")]
    [InlineData("images//u/")]
    [InlineData("/images/")]
    [InlineData("images/u1")]
    public void A_prefix_that_could_reach_further_is_refused(string prefix)
    {
        SessionPolicy.TryForPrefix("photos", prefix, SessionActions.Upload, out _).Should().BeFalse();
        var make = () => SessionPolicy.ForPrefix("photos", prefix, SessionActions.Upload);
        make.Should().Throw<StsException>().Which.Error.Should().Be(StsError.StsScopeInvalid);
    }

    // Not among the others: the runner would repair it.
    [Fact]
    public void Half_a_letter_is_refused() =>
        SessionPolicy.TryForPrefix("photos", "images/\ud83d/", SessionActions.Upload, out _).Should().BeFalse();

    [Theory]
    [InlineData("images/")]
    [InlineData("images/*.jpg")]
    [InlineData("images/a?.jpg")]
    [InlineData("")]
    public void A_key_that_could_be_several_is_refused(string key) =>
        SessionPolicy.TryForKey("photos", key, SessionActions.Put, out _).Should().BeFalse();

    [Theory]
    [InlineData("*")]
    [InlineData("photos*")]
    [InlineData("photos/other")]
    [InlineData("photos\n")]
    [InlineData("")]
    public void A_bucket_is_one_bucket(string bucket) =>
        SessionPolicy.TryForPrefix(bucket, "images/", SessionActions.Put, out _).Should().BeFalse();

    [Theory]
    [InlineData(SessionActions.None)]
    [InlineData((SessionActions)64)]
    public void Only_actions_that_are_known_can_be_granted(SessionActions actions) =>
        SessionPolicy.TryForPrefix("photos", "images/", actions, out _).Should().BeFalse();

    [Fact]
    public void The_longest_name_fits_and_what_is_longer_than_a_key_does_not()
    {
        var longest = new string('a', 1022) + "/";
        var policy = SessionPolicy.ForPrefix("photos", longest, SessionActions.Upload | SessionActions.Get);

        policy.Json.Length.Should().BeLessThanOrEqualTo(SessionPolicy.MostLetters);
        JsonDocument.Parse(policy.Json).RootElement.GetProperty("Statement")[0].GetProperty("Resource")[0].GetString()
            .Should().Be($"acs:oss:*:*:photos/{longest}*");
        SessionPolicy.TryForPrefix("photos", "a" + longest, SessionActions.Put, out _).Should().BeFalse();
    }
}
