using System.Text;
using OssProxy.Emulator;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Sts;

namespace OssProxy.Tests.Emulator;

public sealed class StsVectorSpecs
{
    public static TheoryData<string> Cases => [.. StsVector.Ids];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_call_that_an_official_client_signed_is_accepted(string id)
    {
        var vector = StsVector.Load(id);
        var request = vector.Request();
        if (vector.IsRpc)
        {
            RpcSignature.CanonicalQuery(request.Parameters).Should().Be(vector.Expected("canonicalQuery"));
            RpcSignature.StringToSign(request).Should().Be(vector.Expected("stringToSign"));
        }
        else
        {
            var canonical = Acs3Signature.Parse(vector.Expected("authorization")).CanonicalRequest(request);
            canonical.Should().Be(vector.Expected("canonicalRequest"));
            Acs3Signature.StringToSign(canonical).Should().Be(vector.Expected("stringToSign"));
        }

        var call = vector.Verify(request);
        call.Form.Should().Be(vector.IsRpc ? SignatureForm.StsRpc : SignatureForm.StsAcs3);
        call.Caller.AccessKeyId.Should().Be(vector.Credential.AccessKeyId);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_call_with_one_byte_changed_is_refused(string id)
    {
        var vector = StsVector.Load(id);
        foreach (var changed in vector.Changed())
        {
            var verify = () => vector.Verify(changed);
            verify.Should().Throw<OssException>(string.Join(' ', changed.Parameters) + string.Join(' ', changed.Headers)).Which.Code.Should().BeOneOf(
                "SignatureDoesNotMatch", "InvalidAccessKeyId.NotFound", "InvalidParameter", "MissingParameter", "InvalidTimeStamp.Format", "InvalidTimeStamp.Expired",
                "IncompleteSignature");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fifteen_minutes_are_allowed_and_not_a_second_more(string id)
    {
        var vector = StsVector.Load(id);
        foreach (var minutes in new[] { 15, -15 })
        {
            var edge = vector.SignedAt.AddMinutes(minutes);
            vector.Verify(vector.Request(), edge);
            vector.Invoking(v => v.Verify(v.Request(), edge.AddSeconds(Math.Sign(minutes)))).Should().Throw<OssException>().Which.Code.Should().Be("InvalidTimeStamp.Expired");
        }
    }

    [Theory]
    [InlineData("sts-rpc-04")]
    [InlineData("sts-v3-02")]
    public void A_temporary_caller_is_known_by_its_token(string id)
    {
        var vector = StsVector.Load(id);
        var credential = vector.Credential;
        string CodeOf(EmulatorCredential known) => FluentActions.Invoking(
            () => new StsVerifier(new([known]), TimeSpan.FromMinutes(15)).Verify(vector.Request(), vector.SignedAt)).Should().Throw<OssException>().Which.Code;

        credential.SecurityToken = "other";
        CodeOf(credential).Should().Be("InvalidSecurityToken.MismatchWithAccessKey");
        credential.SecurityToken = null;
        CodeOf(credential).Should().Be("InvalidSecurityToken.MismatchWithAccessKey");
        credential = vector.Credential;
        credential.ExpiresAt = vector.SignedAt;
        CodeOf(credential).Should().Be("InvalidSecurityToken.Expired");
    }

    [Fact]
    public void A_refusal_shows_the_string_that_was_signed()
    {
        var vector = StsVector.Load("sts-rpc-01");
        var request = vector.Request();
        var changed = request with { Parameters = request.Parameters.Where(p => p.Key != "DurationSeconds").ToDictionary() };
        vector.Invoking(v => v.Verify(changed)).Should().Throw<OssException>().Which.Message.Should()
            .Contain("server string to sign is:POST&%2F&AccessKeyId%3DLTAI-EXAMPLE%26Action%3DAssumeRole%26Format%3DJSON");
    }

    [Fact]
    public void What_comes_twice_is_not_chosen_from()
    {
        var parse = () => StsRequest.Parse("POST", "/?RoleArn=a", [new("Content-Type", "application/x-www-form-urlencoded")], "RoleArn=b"u8.ToArray());
        parse.Should().Throw<OssException>().Which.Code.Should().Be("InvalidParameter");
    }

    [Fact]
    public void A_plus_is_a_blank_in_query_and_form()
    {
        var request = StsRequest.Parse("POST", "/?a=1+2%2B3", [new("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")], Encoding.UTF8.GetBytes("b=%E4%B8%AD+x"));
        (request.Parameter("a"), request.Parameter("b")).Should().Be(("1 2+3", "中 x"));
    }
}
