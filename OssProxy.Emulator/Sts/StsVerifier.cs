using System.Globalization;
using OssProxy.Emulator.Signatures;

namespace OssProxy.Emulator.Sts;

/// <summary>A call whose signature held.</summary>
internal sealed record StsCall(SignatureForm Form, EmulatorCredential Caller, string Action, string Version, StsRequest Request);

/// <summary>
/// Who calls STS: RPC or ACS3, the signature recomputed, the time within bounds, the nonce new. A nonce is spent only by a signature
/// that holds, so that a stranger can neither fill the ledger nor spend somebody's nonce.
/// </summary>
internal sealed class StsVerifier(CredentialList credentials, TimeSpan maxSkew)
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"];

    private readonly NonceLedger _nonces = new();

    public StsCall Verify(StsRequest request, DateTimeOffset now)
    {
        var authorization = request.Header("authorization");
        return authorization is not null || request.Header("x-acs-action") is not null ? Acs3(request, authorization ?? "", now) : Rpc(request, now);
    }

    private StsCall Rpc(StsRequest request, DateTimeOffset now)
    {
        var (action, version) = (request.Need("Action"), request.Need("Version"));
        var (accessKeyId, provided, nonce) = (request.Need("AccessKeyId"), request.Need("Signature"), request.Need("SignatureNonce"));
        if (request.Need("SignatureMethod") != RpcSignature.Method)
            throw StsErrors.InvalidParameter("SignatureMethod", $"It must be {RpcSignature.Method}.");

        if (request.Need("SignatureVersion") != RpcSignature.Version)
            throw StsErrors.InvalidParameter("SignatureVersion", $"It must be {RpcSignature.Version}.");

        var signedAt = Time(request.Need("Timestamp"), now);
        var caller = credentials.Lookup(accessKeyId) ?? throw StsErrors.NoSuchKey();
        var text = RpcSignature.StringToSign(request);
        Compare(RpcSignature.Sign(caller.AccessKeySecret.Trim(), text), provided, text);
        CheckToken(caller, request.Parameter("SecurityToken"), now);
        _nonces.Use(accessKeyId, nonce, signedAt + maxSkew, now);

        // Without Format the service answers XML.
        return request.Parameter("Format") == "JSON" ? new(SignatureForm.StsRpc, caller, action, version, request) : throw StsErrors.NotBuilt("A Format other than JSON");
    }

    private StsCall Acs3(StsRequest request, string authorization, DateTimeOffset now)
    {
        if (!Acs3Signature.IsUsedBy(authorization))
            throw StsErrors.IncompleteSignature("Authorization must be ACS3-HMAC-SHA256.");

        string Need(string header) => request.Header(header) is { Length: > 0 } value ? value : throw StsErrors.MissingParameter(header);
        var (action, version, nonce) = (Need("x-acs-action"), Need("x-acs-version"), Need("x-acs-signature-nonce"));
        var signature = Acs3Signature.Parse(authorization);
        signature.CheckCoverage(request);
        if (Need("x-acs-content-sha256") != Acs3Signature.HashOf(request.Body))
            throw StsErrors.InvalidParameter("x-acs-content-sha256", "It is not the hash of the body.");

        if ((request.Header("x-acs-accesskey-id") ?? signature.AccessKeyId) != signature.AccessKeyId)
            throw StsErrors.InvalidParameter("x-acs-accesskey-id", "It is not the key of the signature.");

        var signedAt = Time(Need("x-acs-date"), now);
        var caller = credentials.Lookup(signature.AccessKeyId) ?? throw StsErrors.NoSuchKey();
        var text = Acs3Signature.StringToSign(signature.CanonicalRequest(request));
        Compare(Acs3Signature.Sign(caller.AccessKeySecret.Trim(), text), signature.Provided, text);
        CheckToken(caller, request.Header("x-acs-security-token"), now);
        _nonces.Use(signature.AccessKeyId, nonce, signedAt + maxSkew, now);
        return new(SignatureForm.StsAcs3, caller, action, version, request);
    }

    private DateTimeOffset Time(string text, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            throw StsErrors.TimeStampFormat();

        return (now - time).Duration() <= maxSkew ? time : throw StsErrors.TimeStampExpired();
    }

    private static void Compare(string expected, string provided, string stringToSign)
    {
        if (!CredentialList.Same(expected, provided))
            throw StsErrors.SignatureDoesNotMatch(stringToSign);
    }

    private static void CheckToken(EmulatorCredential caller, string? token, DateTimeOffset now)
    {
        if (caller.SecurityToken is not null && string.IsNullOrEmpty(token))
            throw StsErrors.MissingSecurityToken();

        if (!CredentialList.Same(caller.SecurityToken ?? "", token ?? ""))
            throw StsErrors.WrongSecurityToken();

        if (caller.ExpiresAt is { } end && now >= end)
            throw StsErrors.ExpiredSecurityToken();
    }
}
