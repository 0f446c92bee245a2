using OssProxy.Emulator;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Signatures;

namespace OssProxy.Tests.Emulator;

/// <summary>What official SDKs computed is accepted, and nothing that differs by a byte.</summary>
public sealed class SignatureVectorSpecs
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var file in new[] { "v1-header", "v4-header", "v1-presign", "v4-presign", "official-unit-tests" })
        {
            foreach (var id in SignatureVector.Ids(file))
                cases.Add(file, id);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_vector_of_an_official_SDK_is_accepted(string file, string id)
    {
        var vector = SignatureVector.Load(file, id);
        if (vector.StartsFromSigningKey)
        {
            // The published sample hides its secret but shows the key derived from it.
            var canonical = SignatureV4.CanonicalRequest(vector.Request(), vector.Additional);
            canonical.Should().Be(vector.Expected("canonicalRequest"));
            SignatureV4.Sign(vector.SigningKey, vector.Expected("stringToSign")!).Should().Be(vector.Signature);
            return;
        }

        vector.Verify(vector.Request()).Should().Be(vector.Form);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_vector_with_one_byte_changed_is_refused(string file, string id)
    {
        var vector = SignatureVector.Load(file, id);
        if (vector.StartsFromSigningKey)
            return;

        foreach (var changed in vector.Changed())
        {
            var verify = () => vector.Verify(changed);
            verify.Should().Throw<OssException>(changed.ToString()).Which.Code
                .Should().BeOneOf("SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidSecurityToken", "InvalidArgument", "AccessDenied");
        }
    }

    [Fact]
    public void A_refusal_shows_the_string_that_was_signed()
    {
        var v4 = SignatureVector.Load("v4-header", "v4h-01");
        var changed = v4.Request() with { Key = "nelsoN" };
        var error = v4.Invoking(v => v.Verify(changed)).Should().Throw<OssException>().Which;
        error.ErrorCode.Should().Be("0002-00000040");
        var elements = error.Elements.ToDictionary(e => e.Key, e => e.Value);
        elements["CanonicalRequest"].Should().StartWith("PUT\n/examplebucket/nelsoN\n\ncontent-md5:");
        elements["StringToSign"].Should().StartWith("OSS4-HMAC-SHA256\n20250304T080910Z\n20250304/cn-hangzhou/oss/aliyun_v4_request\n");
        elements["StringToSignBytes"].Should().StartWith("4F 53 53 34 2D");
        elements["SignatureProvided"].Should().Be(v4.Signature);
        elements["OSSAccessKeyId"].Should().Be("LTAI-EXAMPLE");
    }

    [Theory]
    [InlineData("v4h-d1")]
    [InlineData("v4h-d2")]
    public void Where_SDKs_disagree_the_minority_is_refused(string id)
    {
        var vector = SignatureVector.Load("v4-header", id);
        foreach (var minority in vector.Disagreeing())
            vector.Invoking(v => v.Verify(v.Request(signature: minority))).Should().Throw<OssException>().Which.Code.Should().Be("SignatureDoesNotMatch");
    }

    [Fact]
    public void The_parts_of_a_V4_header_may_stand_in_any_order_with_blanks()
    {
        var vector = SignatureVector.Load("v4-header", "v4h-15");
        var header = $"OSS4-HMAC-SHA256 Signature = {vector.Signature} ,  Credential=LTAI-EXAMPLE/20250304/cn-hangzhou/oss/aliyun_v4_request, AdditionalHeaders=host;content-length";
        vector.Verify(vector.WithHeader("Authorization", header)).Should().Be(SignatureForm.V4Header);
    }

    [Theory]
    [InlineData("AdditionalHeaders=,", "0002-00000209")]
    [InlineData("AdditionalHeaders=host;;content-length,", "0002-00000210")]
    public void Empty_additional_headers_have_their_own_error(string additional, string errorCode)
    {
        var vector = SignatureVector.Load("v4-header", "v4h-15");
        var header = $"OSS4-HMAC-SHA256 Credential=LTAI-EXAMPLE/20250304/cn-hangzhou/oss/aliyun_v4_request,{additional}Signature={vector.Signature}";
        var error = vector.Invoking(v => v.Verify(v.WithHeader("Authorization", header))).Should().Throw<OssException>().Which;
        (error.Status, error.Code, error.ErrorCode).Should().Be((400, "InvalidArgument", errorCode));
    }

    [Theory]
    [InlineData("20250304/oss-cn-hangzhou/oss/aliyun_v4_request", "0002-00000228")]
    [InlineData("20250304/cn-hangzhou/s3/aliyun_v4_request", "0002-00000227")]
    [InlineData("20250304/cn-hangzhou/oss/aws4_request", "0002-00000213")]
    public void A_foreign_scope_is_named(string scope, string errorCode)
    {
        var vector = SignatureVector.Load("v4-header", "v4h-02");
        var header = $"OSS4-HMAC-SHA256 Credential=LTAI-EXAMPLE/{scope},Signature={vector.Signature}";
        var error = vector.Invoking(v => v.Verify(v.WithHeader("Authorization", header))).Should().Throw<OssException>().Which;
        (error.Status, error.Code, error.ErrorCode).Should().Be((400, "InvalidArgument", errorCode));
    }

    [Theory]
    [InlineData("v1-header", "v1h-02")]
    [InlineData("v4-header", "v4h-02")]
    public void Fifteen_minutes_are_allowed_and_not_a_second_more(string file, string id)
    {
        var vector = SignatureVector.Load(file, id);
        foreach (var minutes in new[] { 15, -15 })
        {
            var edge = vector.SignedAt.AddMinutes(minutes);
            vector.Verify(vector.Request(), edge);
            var error = vector.Invoking(v => v.Verify(v.Request(), edge.AddSeconds(Math.Sign(minutes)))).Should().Throw<OssException>().Which;
            (error.Status, error.Code, error.ErrorCode).Should().Be((403, "RequestTimeTooSkewed", "0002-00000504"));
            error.Elements.Should().Contain(KeyValuePair.Create("MaxAllowedSkewMilliseconds", "900000"))
                .And.Contain(KeyValuePair.Create("RequestTime", "2025-03-04T08:09:10.000Z"))
                .And.Contain(e => e.Key == "ServerTime");
        }
    }

    [Theory]
    [InlineData("v1-presign", "v1q-01", 0)]
    [InlineData("v4-presign", "v4q-01", 3600)]
    public void An_expired_URL_is_refused_before_its_signature_is_looked_at(string file, string id, int seconds)
    {
        var vector = SignatureVector.Load(file, id);
        var end = vector.SignedAt.AddSeconds(seconds);
        vector.Verify(vector.Request(), end);
        var error = vector.Invoking(v => v.Verify(v.Request(signature: "wrong"), end.AddSeconds(1))).Should().Throw<OssException>().Which;
        (error.Status, error.Code, error.ErrorCode).Should().Be((403, "AccessDenied", "0002-00000069"));
    }

    [Fact]
    public void A_header_and_a_URL_signature_together_are_too_many()
    {
        var vector = SignatureVector.Load("v4-presign", "v4q-01");
        var error = vector.Invoking(v => v.Verify(v.WithHeader("Authorization", "OSS LTAI-EXAMPLE:abc"))).Should().Throw<OssException>().Which;
        (error.Status, error.Code).Should().Be((400, "InvalidArgument"));
    }

    [Theory]
    [InlineData("v1-presign", "v1q-01", "Signature")]
    [InlineData("v1-presign", "v1q-01", "Expires")]
    [InlineData("v4-presign", "v4q-01", "x-oss-signature")]
    [InlineData("v4-presign", "v4q-01", "x-oss-signature-version")]
    public void A_half_signed_URL_is_never_anonymous(string file, string id, string missing)
    {
        var vector = SignatureVector.Load(file, id);
        vector.Invoking(v => v.Verify(v.Without(missing))).Should().Throw<OssException>().Which.Status.Should().Be(403);
    }

    [Fact]
    public void A_temporary_key_without_its_token_or_with_another_is_refused()
    {
        var vector = SignatureVector.Load("v4-header", "v4h-13");
        vector.Invoking(v => v.Verify(v.WithHeader("x-oss-security-token", null))).Should().Throw<OssException>().Which.Code.Should().Be("InvalidAccessKeyId");
        vector.Invoking(v => v.Verify(v.WithHeader("x-oss-security-token", "other"))).Should().Throw<OssException>().Which.Code.Should().Be("InvalidSecurityToken");
    }

    [Fact]
    public void A_token_past_its_end_is_expired()
    {
        var vector = SignatureVector.Load("v4-header", "v4h-13");
        var known = new EmulatorCredential { AccessKeyId = "STS.EXAMPLE", AccessKeySecret = "example-sts-secret", SecurityToken = "CAIS-example/token+with==chars", ExpiresAt = vector.SignedAt };
        var verifier = new SignatureVerifier(new([known]), "cn-hangzhou", TimeSpan.FromMinutes(15));
        verifier.Verify(vector.Request(), vector.SignedAt.AddSeconds(-1)).Form.Should().Be(SignatureForm.V4Header);
        verifier.Invoking(v => v.Verify(vector.Request(), vector.SignedAt)).Should().Throw<OssException>().Which.Code.Should().Be("SecurityTokenExpired");
    }
}
