using System.Globalization;
using System.Text.Json;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Signatures;

namespace OssProxy.Emulator.Sts;

/// <summary>
/// STS, API 2015-04-01, at "/" of the emulator's own address: faults, signature, action, JSON. It has AssumeRole and nothing else.
/// </summary>
internal sealed class StsEndpoint(RoleList roles, CredentialList credentials, EmulatorOptions options, FaultRules faults)
{
    private const string Action = "AssumeRole";
    private const string Version = "2015-04-01";
    private const int MaxBodyBytes = 128 << 10;

    private readonly StsVerifier _verifier = new(credentials, options.Limits.MaxClockSkew);
    private readonly RoleAssumption _assumption = new(roles, credentials.Issued, options.Region);

    /// <exception cref="OssException">The refusal; <see cref="Refusal"/> puts it into words.</exception>
    public async Task<OssReply> WorkAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        // Rules strike before a body is read, and the action may stand in the body; there is one, so it is taken for granted.
        exchange.Operation = OssOperation.AssumeRole;
        exchange.Fault = faults.Match(exchange.Operation, bucket: null, key: null);
        var context = exchange.Context;
        var body = exchange.Body = new(context, exchange.Fault?.Rule, options.TimeProvider, options.Limits.BodyIdleTimeout);
        if (await FaultStages.BeforeWorkAsync(exchange.Fault, context, body, exchange.Refusal, cancellationToken) is { } faulty)
            return faulty;

        var headers = context.Request.Headers.Select(h => KeyValuePair.Create(h.Key, h.Value.ToString()));
        var request = StsRequest.Parse(context.Request.Method, exchange.RawTarget, headers, await body.ReadDocumentAsync(MaxBodyBytes, cancellationToken));
        var call = _verifier.Verify(request, exchange.Now);
        exchange.Signature = call.Form;
        if (call.Version != Version)
            throw StsErrors.InvalidVersion();

        if (call.Action != Action)
        {
            exchange.Operation = OssOperation.Unknown;
            throw StsErrors.NoSuchAction();
        }

        var assumed = _assumption.Assume(call, exchange.Now);
        return Json(200, errorCode: null, exchange.RequestId, new
        {
            exchange.RequestId,
            AssumedRoleUser = new { assumed.Arn, AssumedRoleId = assumed.Id },
            Credentials = new
            {
                assumed.Credential.AccessKeyId,
                assumed.Credential.AccessKeySecret,
                assumed.Credential.SecurityToken,
                Expiration = assumed.Credential.ExpiresAt!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            },
        });
    }

    public static OssReply Refusal(OssException error, string requestId, string hostId) => Json(error.Status, error.Code, requestId, new
    {
        RequestId = requestId,
        HostId = hostId,
        error.Code,
        error.Message,
        Recommend = $"https://api.aliyun.com/troubleshoot?q={error.Code}&product=Sts",
    });

    private static OssReply Json(int status, string? errorCode, string requestId, object document)
    {
        var reply = OssReply.Plain(status, JsonSerializer.SerializeToUtf8Bytes(document), "application/json;charset=utf-8", errorCode);
        reply.Headers["x-acs-request-id"] = requestId;
        return reply;
    }
}
