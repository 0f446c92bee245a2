using System.Globalization;
using System.Text;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Signatures;

/// <summary>
/// Decides which form of signature a request carries and whether it holds. Refusals are <see cref="OssException"/>
/// with the texts that the service gives, the string it signed included.
/// </summary>
/// <param name="product">A cloud box signs "oss-cloudbox" and its own id in place of the region.</param>
internal sealed class SignatureVerifier(CredentialList credentials, string region, TimeSpan maxSkew, string product = "oss")
{
    private readonly HeaderSignatures _headers = new(credentials, new("", region, product), maxSkew);
    private readonly UrlSignatures _urls = new(credentials, new("", region, product), maxSkew);

    public Signer Verify(SignedRequest request, DateTimeOffset now)
    {
        var header = request.Header("authorization");
        var v1Url = request.Query.Has("OSSAccessKeyId") || request.Query.Has("Signature");
        var v4Url = request.Query.Has("x-oss-signature") || request.Query.Has("x-oss-signature-version") || request.Query.Has("x-oss-credential");
        if ((header is not null ? 1 : 0) + (v1Url ? 1 : 0) + (v4Url ? 1 : 0) > 1)
            throw OssErrors.InvalidArgument("Only one auth mechanism allowed; only the query string Signature parameter or the Authorization header should be specified.");

        if (v1Url)
            return new(SignatureForm.V1Url, _urls.VerifyV1(request, now));

        if (v4Url)
            return new(SignatureForm.V4Url, _urls.VerifyV4(request, now));

        if (header is null)
            return new(SignatureForm.None, Credential: null);

        if (header.StartsWith(SignatureV4.Algorithm + " ", StringComparison.Ordinal))
            return new(SignatureForm.V4Header, _headers.VerifyV4(request, header[(SignatureV4.Algorithm.Length + 1)..], now));

        if (header.StartsWith("OSS ", StringComparison.Ordinal))
            return new(SignatureForm.V1Header, _headers.VerifyV1(request, header[4..], now));

        throw OssErrors.InvalidArgument("Unsupported authorization type.", "Authorization", header);
    }

    internal static void Compare(string expected, string provided, string accessKeyId, string stringToSign, string? canonicalRequest)
    {
        if (CredentialList.Same(expected, provided))
            return;

        var error = new OssException(
            403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.", "0002-00000040")
            .With("OSSAccessKeyId", accessKeyId)
            .With("SignatureProvided", provided)
            .With("StringToSign", stringToSign)
            .With("StringToSignBytes", string.Join(' ', Encoding.UTF8.GetBytes(stringToSign).Select(b => b.ToString("X2", CultureInfo.InvariantCulture))));
        throw canonicalRequest is null ? error : error.With("CanonicalRequest", canonicalRequest);
    }

    internal static void CheckSkew(DateTimeOffset requested, DateTimeOffset now, TimeSpan maxSkew)
    {
        if ((now - requested).Duration() > maxSkew)
        {
            throw new OssException(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", "0002-00000504")
                .With("MaxAllowedSkewMilliseconds", ((long)maxSkew.TotalMilliseconds).ToString(CultureInfo.InvariantCulture))
                .With("RequestTime", XmlText.Iso(requested))
                .With("ServerTime", XmlText.Iso(now));
        }
    }

    /// <summary>RFC 1123, or <c>yyyyMMddTHHmmssZ</c> (EC 0002-00000503 allows both in x-oss-date).</summary>
    internal static DateTimeOffset? ParseDate(string? value) =>
        DateTimeOffset.TryParseExact(value, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var rfc) ? rfc : ParseBasicIso(value);

    internal static DateTimeOffset? ParseBasicIso(string? value) =>
        DateTimeOffset.TryParseExact(value, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var iso) ? iso : null;

    /// <summary>What must be true of a V4 scope besides its signature; header and URL have EC numbers of their own.</summary>
    internal static void CheckScope(SigningScope scope, SigningScope here, string date, ScopePlace where)
    {
        var (place, wrongProduct, wrongRegion, wrongDate) = where switch
        {
            ScopePlace.Header => ("Authorization header", "0002-00000227", "0002-00000228", null),
            ScopePlace.Url => ("query parameter", null, "0002-00000226", "0002-00000223"),
            _ => ("form field", default(string), default(string), default(string)),
        };
        if (scope.Product != here.Product)
            throw OssErrors.InvalidArgument($"Invalid signing product in {place}.", errorCode: wrongProduct);

        if (scope.Region != here.Region)
            throw OssErrors.InvalidArgument($"Invalid signing region in {place}.", errorCode: wrongRegion);

        if (!date.StartsWith(scope.Date, StringComparison.Ordinal) || scope.Date.Length != 8)
            throw OssErrors.InvalidArgument($"Invalid signing date in {place}.", errorCode: wrongDate);
    }
}

/// <summary>Where a V4 scope stood.</summary>
internal enum ScopePlace
{
    Header,
    Url,
    Form,
}
