using System.Globalization;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Signatures;

/// <summary>Presigned URLs, V1 and V4. Expiry is checked before the signature, as the service does.</summary>
internal sealed class UrlSignatures(CredentialList credentials, SigningScope here, TimeSpan maxSkew)
{
    private const int MaxV4Seconds = 604800;

    public EmulatorCredential VerifyV1(SignedRequest request, DateTimeOffset now)
    {
        if (!request.Query.TryGet("OSSAccessKeyId", out var accessKeyId)
            || !request.Query.TryGet("Signature", out var provided)
            || !request.Query.TryGet("Expires", out var expires))
        {
            throw OssErrors.AccessDenied("Query string authentication requires the Signature, Expires and OSSAccessKeyId parameters");
        }

        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253402300799)
            throw OssErrors.AccessDenied("Invalid date (should be seconds since epoch).", "0002-00000070");

        ThrowWhenPast(DateTimeOffset.FromUnixTimeSeconds(seconds), now);
        if (request.Header("x-oss-security-token") is not null)
            throw OssErrors.InvalidRequest("Security-token must be provided by query string parameter.");

        var credential = credentials.Find(accessKeyId, request.Query["security-token"], now);
        var text = SignatureV1.StringToSign(request, expires);
        SignatureVerifier.Compare(SignatureV1.Sign(credential.AccessKeySecret.Trim(), text), provided, accessKeyId, text, canonicalRequest: null);
        return credential;
    }

    public EmulatorCredential VerifyV4(SignedRequest request, DateTimeOffset now)
    {
        if (request.Query["x-oss-signature-version"] != SignatureV4.Algorithm
            || !request.Query.TryGet("x-oss-credential", out var credentialText)
            || !request.Query.TryGet("x-oss-date", out var date)
            || !request.Query.TryGet("x-oss-expires", out var expires)
            || !request.Query.TryGet("x-oss-signature", out var provided))
        {
            throw OssErrors.AccessDenied("Query string authentication requires the x-oss-signature-version, x-oss-credential, x-oss-date, x-oss-expires and x-oss-signature parameters");
        }

        if (SigningScope.Parse(credentialText) is not { } signer)
            throw OssErrors.InvalidArgument("Invalid credential in query parameter.", "x-oss-credential", credentialText, "0002-00000213");

        var additional = request.Query.TryGet("x-oss-additional-headers", out var list) ? AdditionalHeaders.Parse(list) : [];
        if (!int.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > MaxV4Seconds)
            throw OssErrors.InvalidArgument("x-oss-expires must be between 1 and 604800 seconds.", "x-oss-expires", expires);

        var signed = SignatureVerifier.ParseBasicIso(date)
            ?? throw OssErrors.AccessDenied("OSS authentication requires a valid Date.", "0002-00000503");
        ThrowWhenPast(signed.AddSeconds(seconds), now);
        if (signed - now > maxSkew)
        {
            // Signed in the future: such a URL would outlive its seven days.
            SignatureVerifier.CheckSkew(signed, now, maxSkew);
        }

        SignatureVerifier.CheckScope(signer.Scope, here, date, ScopePlace.Url);
        var credential = credentials.Find(signer.AccessKeyId, request.Query["x-oss-security-token"], now);
        var canonical = SignatureV4.CanonicalRequest(request, additional);
        var text = SignatureV4.StringToSign(date, signer.Scope, canonical);
        var expected = SignatureV4.Sign(SignatureV4.SigningKey(credential.AccessKeySecret.Trim(), signer.Scope), text);
        SignatureVerifier.Compare(expected, provided, signer.AccessKeyId, text, canonical);
        return credential;
    }

    private static void ThrowWhenPast(DateTimeOffset end, DateTimeOffset now)
    {
        if (now > end)
            throw OssErrors.AccessDenied("Request has expired.", "0002-00000069").With("Expires", XmlText.Iso(end)).With("ServerTime", XmlText.Iso(now));
    }
}
