using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>
/// AssumeRole of STS: temporary credentials of one role. Each attempt has a number, a time and a signature of its own; what may pass is tried
/// three times within <see cref="StsOptions.Timeout"/>. A clock that is refused is corrected by the answer's <c>Date</c>. Costs a round trip
/// to the service, which allows an account 6,000 a minute: whoever needs credentials often asks <see cref="ClientCredentials"/>.
/// </summary>
public sealed partial class StsClient : IDisposable
{
    private const string Version = "2015-04-01";
    private const string Action = "AssumeRole";

    private readonly StsOptions _options;
    private readonly IOssCredentialsSource _caller;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly OssClock _clock;
    private readonly CredentialLine _line;
    private readonly Uri? _address;

    /// <param name="region">The region id of OSS (<c>cn-hangzhou</c>), for an endpoint that is not configured.</param>
    /// <param name="caller">Whose credentials sign.</param>
    /// <exception cref="ArgumentException">There is a role, and neither an endpoint nor a region.</exception>
    public StsClient(StsOptions options, string region, IOssCredentialsSource caller, TimeProvider time, ILogger<StsClient> log)
    {
        _options = options;
        _caller = caller;
        _time = time;
        _log = log;
        _clock = new OssClock(time);
        _line = new CredentialLine(options.Timeout, time);
        _address = StsOptionsValidator.AddressOf(options, region);
        if (options.IsConfigured && _address is null)
            throw new ArgumentException("Sts:Endpoint is missing, and no region tells it.", nameof(options));
    }

    /// <summary>Assumes the role of the options.</summary>
    /// <exception cref="StsException">All but <see cref="StsError.StsScopeInvalid"/>.</exception>
    public async Task<TemporaryCredentials> AssumeRoleAsync(RoleRequest request, CancellationToken cancellationToken) =>
        _options.IsConfigured && _address is { } address
            ? await _line.TalkAsync($"STS at {address.Authority}", end => AskAsync(address, request, end), cancellationToken)
            : throw new StsException(StsError.StsNotConfigured, "Sts:RoleArn is empty.");

    public void Dispose() => _line.Dispose();

    private async Task<TemporaryCredentials> AskAsync(Uri address, RoleRequest request, CancellationToken cancellationToken)
    {
        var caller = await CallerAsync(cancellationToken);
        var asked = _time.GetUtcNow();
        using var message = _options.Signature == StsSignature.Rpc ? WriteRpc(address, request, caller) : WriteAcs3(address, request, caller);
        var answer = await _line.AskAsync(message, cancellationToken);
        var json = JsonAnswer.TryParse(answer.Body);
        if (answer.Status != (int)HttpStatusCode.OK)
            throw Refusal(answer, json, caller);
        if (json?.Member("Credentials")?.Credentials() is not { } given)
            throw new StsException(StsError.StsUnavailable, "STS answered 200 without credentials that can be read.");

        // By our own clock they live no longer than was asked for, however wrong it goes.
        var told = given.ExpiresAt - _clock.Offset;
        var most = asked + request.Duration;
        return new TemporaryCredentials(
            given.Credentials.AccessKeyId, given.Credentials.AccessKeySecret, given.Credentials.SecurityToken!, given.ExpiresAt)
        {
            GoodUntil = told < most ? told : most,
        };
    }

    private async Task<OssCredentials> CallerAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _caller.GetAsync(cancellationToken);
        }
        catch (OssTransportException none)
        {
            throw new StsException(
                none.Error == OssTransportError.CredentialsUnavailable ? StsError.StsUnavailable : StsError.StsDenied,
                $"There is nothing to sign with for STS: {none.Message}", none);
        }
    }

    private List<KeyValuePair<string, string>> Parameters(RoleRequest request)
    {
        List<KeyValuePair<string, string>> parameters =
        [
            new("RoleArn", _options.RoleArn),
            new("RoleSessionName", _options.SessionName),
            new("DurationSeconds", ((long)request.Duration.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
        ];
        if (request.Policy is { } policy)
            parameters.Add(new("Policy", policy.Json));
        if (_options.ExternalId.Length > 0)
            parameters.Add(new("ExternalId", _options.ExternalId));
        return parameters;
    }

    private HttpRequestMessage WriteRpc(Uri address, RoleRequest request, OssCredentials caller)
    {
        var parameters = Parameters(request);
        parameters.AddRange(
        [
            new("Action", Action),
            new("Version", Version),
            new("Format", "JSON"),
            new("AccessKeyId", caller.AccessKeyId),
            new("SignatureMethod", "HMAC-SHA1"),
            new("SignatureVersion", "1.0"),
            new("SignatureNonce", Nonce()),
            new("Timestamp", Timestamp()),
        ]);
        if (caller.SecurityToken is { } token)
            parameters.Add(new("SecurityToken", token));

        var query = RpcSignature.CanonicalQuery(parameters);
        var signature = RpcSignature.Sign(caller.AccessKeySecret, RpcSignature.StringToSign("POST", query));
        return new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new ByteArrayContent(Encoding.ASCII.GetBytes($"{query}&Signature={OssEncoding.Query(signature)}"))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") },
            },
        };
    }

    private HttpRequestMessage WriteAcs3(Uri address, RoleRequest request, OssCredentials caller)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = address.Authority,
            ["x-acs-action"] = Action,
            ["x-acs-content-sha256"] = Acs3Signature.EmptyPayload,
            ["x-acs-date"] = Timestamp(),
            ["x-acs-signature-nonce"] = Nonce(),
            ["x-acs-version"] = Version,
        };
        if (caller.SecurityToken is { } token)
        {
            headers["x-acs-accesskey-id"] = caller.AccessKeyId;
            headers["x-acs-security-token"] = token;
        }

        var query = Acs3Signature.CanonicalQuery(Parameters(request));
        var signature = Acs3Signature.Sign(
            caller.AccessKeySecret,
            Acs3Signature.StringToSign(
                Acs3Signature.CanonicalRequest("POST", address.AbsolutePath, query, headers, Acs3Signature.EmptyPayload)));

        // Sent as it was signed.
        var target = new Uri(
            $"{address.GetLeftPart(UriPartial.Path)}?{query}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(HttpMethod.Post, target);
        foreach (var (name, value) in headers)
            CredentialLine.Add(message.Headers, name, value);
        CredentialLine.Add(message.Headers, "Authorization", Acs3Signature.Authorization(caller.AccessKeyId, headers, signature));
        return message;
    }

    private StsException Refusal(CredentialAnswer answer, JsonAnswer? json, OssCredentials caller)
    {
        var (code, id) = (json?.Word("Code") ?? "", json?.Word("RequestId") ?? "");
        var text = string.Create(CultureInfo.InvariantCulture, $"STS answered {answer.Status} {code} [request id {(id.Length > 0 ? id : "unknown")}]");

        // The refusal names no time of its own; the head does (docs/oss-assumptions.md A15).
        var skewed = code.StartsWith("InvalidTimeStamp", StringComparison.Ordinal);
        if (skewed && _clock.Repair(answer.Date))
            LogSkewRepaired(_clock.Offset);
        else
            skewed = false;

        // Whoever signs with credentials that have ended signs with others the next time.
        var renewed = caller.SecurityToken is not null && IsOfKey(code) && _caller.Discard(caller);
        return new StsException(Meaning(answer.Status, code), text)
        {
            Retry = skewed || renewed || code == "SignatureNonceUsed",
        };
    }

    private static bool IsOfKey(string code) =>
        code.StartsWith("InvalidAccessKeyId", StringComparison.Ordinal) || code.StartsWith("InvalidSecurityToken", StringComparison.Ordinal);

    private static StsError Meaning(int status, string code) => code switch
    {
        _ when status == 429 || code.StartsWith("Throttling", StringComparison.Ordinal) => StsError.StsBusy,
        "ServiceUnavailable" or "ServiceUnavailableTemporary" => StsError.StsBusy,
        _ when status >= 500 => StsError.StsUnavailable,

        // A page of somebody in between, or a redirect, which is not followed.
        "" => StsError.StsUnavailable,
        "NoPermission" or "SignatureDoesNotMatch" or "IncompleteSignature" or "MissingSecurityToken" or "SignatureNonceUsed" => StsError.StsDenied,
        _ when IsOfKey(code) || code.StartsWith("InvalidTimeStamp", StringComparison.Ordinal) => StsError.StsDenied,
        _ when code.StartsWith("Forbidden", StringComparison.Ordinal) => StsError.StsDenied,
        _ when code.StartsWith("EntityNotExist", StringComparison.Ordinal) => StsError.StsMisconfigured,
        _ when status is 401 or 403 => StsError.StsDenied,
        _ => StsError.StsMisconfigured,
    };

    private string Timestamp() => _clock.Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Nonce() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    [LoggerMessage(Level = LogLevel.Warning, Message = "STS refuses our clock; signing with its time now, offset {Offset}. Check NTP.")]
    private partial void LogSkewRepaired(TimeSpan offset);
}
