using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Signatures;

namespace OssProxy.Emulator.Posts;

/// <summary>
/// Whether a form may be written: its signature first, then what the signed policy says. Headers and query say nothing
/// here; a form with neither policy nor signature is anonymous (PostObject reference).
/// </summary>
internal sealed class PostSignatures(CredentialList credentials, string region, TimeSpan maxSkew)
{
    private static readonly string[] V1Fields = ["OSSAccessKeyId", "policy", "Signature"];
    private static readonly string[] V4Fields = ["policy", "x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-signature"];
    private static readonly string[] PinnedInV4 = ["bucket", "x-oss-signature-version", "x-oss-credential", "x-oss-date"];
    private readonly SigningScope _here = new("", region, "oss");

    public PostGrant Verify(PostForm form, string bucket, DateTimeOffset now)
    {
        var v4 = V4Fields.Skip(1).Any(form.Has);
        if (v4 && (form.Has("OSSAccessKeyId") || form.Has("Signature")))
            throw OssErrors.InvalidArgument("Only one auth mechanism allowed.");

        var needed = v4 ? V4Fields : V1Fields;
        if (!needed.Any(form.Has))
            return new(SignatureForm.None, PostPolicy.AnySize, Signer: null);

        // All or none: half a signature is never anonymous.
        if (Array.Find(needed, name => string.IsNullOrEmpty(form[name])) is { } missing)
            throw PostErrors.MissingField(missing);

        var signer = v4 ? VerifyV4(form, now) : VerifyV1(form, now);

        var policy = PostPolicy.Parse(form["policy"]!);
        if (v4)
        {
            var pinned = form.Has("x-oss-security-token") ? [.. PinnedInV4, "x-oss-security-token"] : PinnedInV4;
            if (Array.Find(pinned, name => !policy.Pins(name)) is { } loose)
                throw PostErrors.InvalidPolicy($"Policy missing condition: {loose}.");
        }

        policy.Verify(form, bucket, now);
        return new(v4 ? SignatureForm.V4Form : SignatureForm.V1Form, policy.Size, signer);
    }

    private EmulatorCredential VerifyV1(PostForm form, DateTimeOffset now)
    {
        var accessKeyId = form["OSSAccessKeyId"]!;
        var credential = credentials.Find(accessKeyId, form["x-oss-security-token"], now);
        var text = form["policy"]!;
        SignatureVerifier.Compare(SignatureV1.Sign(credential.AccessKeySecret.Trim(), text), form["Signature"]!, accessKeyId, text, canonicalRequest: null);
        return credential;
    }

    private EmulatorCredential VerifyV4(PostForm form, DateTimeOffset now)
    {
        if (form["x-oss-signature-version"] != SignatureV4.Algorithm)
            throw OssErrors.InvalidArgument("The signature version is not supported.", "x-oss-signature-version", form["x-oss-signature-version"]);

        if (SigningScope.Parse(form["x-oss-credential"]!) is not { } signer)
            throw OssErrors.InvalidArgument("Invalid credential in form field.", "x-oss-credential", form["x-oss-credential"], "0002-00000213");

        var date = form["x-oss-date"]!;
        var signed = SignatureVerifier.ParseBasicIso(date)
            ?? throw OssErrors.AccessDenied("OSS authentication requires a valid Date.", "0002-00000503");

        // How long a form lives is for its expiration; one signed in the future would be somebody's clock (E17).
        if (signed > now)
            SignatureVerifier.CheckSkew(signed, now, maxSkew);

        SignatureVerifier.CheckScope(signer.Scope, _here, date, ScopePlace.Form);
        var credential = credentials.Find(signer.AccessKeyId, form["x-oss-security-token"], now);
        var text = form["policy"]!;
        var expected = SignatureV4.Sign(SignatureV4.SigningKey(credential.AccessKeySecret.Trim(), signer.Scope), text);
        SignatureVerifier.Compare(expected, form["x-oss-signature"]!, signer.AccessKeyId, text, canonicalRequest: null);
        return credential;
    }
}

/// <summary>What a form's signature allows.</summary>
/// <param name="Signature"><see cref="SignatureForm.None"/> for a form that asks for nothing but the bucket's ACL.</param>
/// <param name="Size">Bytes of the file, both ends allowed.</param>
/// <param name="Signer">Whose signature it was; null when unsigned.</param>
internal sealed record PostGrant(SignatureForm Signature, (long Minimum, long Maximum) Size, EmulatorCredential? Signer);
