using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Signatures;

/// <summary>The Authorization header, V1 and V4.</summary>
internal sealed class HeaderSignatures(CredentialList credentials, SigningScope here, TimeSpan maxSkew)
{
    public EmulatorCredential VerifyV1(SignedRequest request, string value, DateTimeOffset now)
    {
        var colon = value.LastIndexOf(':');
        if (colon <= 0 || colon == value.Length - 1)
            throw OssErrors.InvalidArgument("Authorization header is invalid.", "Authorization", value);

        var (accessKeyId, provided) = (value[..colon].Trim(), value[(colon + 1)..].Trim());
        var credential = credentials.Find(accessKeyId, request.Header("x-oss-security-token"), now);

        // The Date line takes x-oss-date only where Date is absent, as in browsers.
        var date = request.Header("date") ?? request.Header("x-oss-date");
        var requested = SignatureVerifier.ParseDate(date)
            ?? throw OssErrors.AccessDenied("OSS authentication requires a valid Date.", "0002-00000502");
        SignatureVerifier.CheckSkew(requested, now, maxSkew);
        var text = SignatureV1.StringToSign(request, date!);
        SignatureVerifier.Compare(SignatureV1.Sign(credential.AccessKeySecret.Trim(), text), provided, accessKeyId, text, canonicalRequest: null);
        return credential;
    }

    public EmulatorCredential VerifyV4(SignedRequest request, string value, DateTimeOffset now)
    {
        // SDKs differ in the order of the parts and in blanks after the commas.
        string? credentialText = null, additionalText = null, provided = null;
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=');
            var content = equals < 0 ? "" : part[(equals + 1)..].Trim();
            switch (equals < 0 ? "" : part[..equals].TrimEnd())
            {
                case "Credential" when credentialText is null:
                    credentialText = content;
                    break;
                case "AdditionalHeaders" when additionalText is null:
                    additionalText = content;
                    break;
                case "Signature" when provided is null:
                    provided = content;
                    break;
                default:
                    throw OssErrors.InvalidArgument("Authorization header is invalid.", "Authorization", value);
            }
        }

        if (provided is null || SigningScope.Parse(credentialText ?? "") is not { } signer)
            throw OssErrors.InvalidArgument("Invalid credential in Authorization header.", "Credential", credentialText, "0002-00000213");

        var additional = additionalText is null ? [] : AdditionalHeaders.Parse(additionalText);
        if (request.Header("x-oss-content-sha256") != SignatureV4.UnsignedPayload)
            throw OssErrors.InvalidArgument("x-oss-content-sha256 must be UNSIGNED-PAYLOAD.", "x-oss-content-sha256", request.Header("x-oss-content-sha256"));

        var credential = credentials.Find(signer.AccessKeyId, request.Header("x-oss-security-token"), now);
        var date = request.Header("x-oss-date");
        var requested = SignatureVerifier.ParseBasicIso(date)
            ?? throw OssErrors.AccessDenied("OSS authentication requires a valid Date.", "0002-00000503");
        SignatureVerifier.CheckScope(signer.Scope, here, date!, ScopePlace.Header);
        SignatureVerifier.CheckSkew(requested, now, maxSkew);

        var canonical = SignatureV4.CanonicalRequest(request, additional);
        var text = SignatureV4.StringToSign(date!, signer.Scope, canonical);
        var expected = SignatureV4.Sign(SignatureV4.SigningKey(credential.AccessKeySecret.Trim(), signer.Scope), text);
        SignatureVerifier.Compare(expected, provided, signer.AccessKeyId, text, canonical);
        return credential;
    }
}

/// <summary>The list of names signed beyond the default ones.</summary>
internal static class AdditionalHeaders
{
    public static IReadOnlyList<string> Parse(string list)
    {
        var names = list.Split(';', StringSplitOptions.TrimEntries);
        if (Array.Exists(names, n => n.Length == 0))
        {
            var errorCode = list.Length == 0 ? "0002-00000209" : "0002-00000210";
            throw OssErrors.InvalidArgument("AdditionalHeaders must not be empty or have empty items.", "AdditionalHeaders", list, errorCode);
        }

        return [.. names.Select(n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
