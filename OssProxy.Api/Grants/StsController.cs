using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Core.Grants;

namespace OssProxy.Api.Grants;

/// <summary>Temporary credentials for clients with an SDK of OSS. Not for guests: each would need others, and the service gives an account
/// so many in a minute.</summary>
[ApiController]
[KnownDoor]
[SaysGrantsOff]
public sealed class StsController(GrantDesk desk) : ControllerBase
{
    [HttpGet("/oss/sts")]
    [HttpGet("/api/oss/sts")]
    public async Task<Reply> GetAsync()
    {
        var grant = await desk.Sts.GiveAsync(desk.RequestOf(HttpContext), HttpContext.RequestAborted);
        Response.Headers.CacheControl = "no-store";
        return Reply.Ok(StsView.Of(grant));
    }
}

/// <summary>Temporary credentials in the words of STS itself, and in those that the SDK for JavaScript takes. Names that differ in case alone
/// are two names to clients.</summary>
internal static class StsView
{
    public static IReadOnlyDictionary<string, object> Of(StsGrant grant)
    {
        var credentials = grant.Temporary.Credentials;
        var token = credentials.SecurityToken ?? "";
        var view = new OrderedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["AccessKeyId"] = credentials.AccessKeyId,
            ["AccessKeySecret"] = credentials.AccessKeySecret,
            ["SecurityToken"] = token,
            ["Expiration"] = grant.Temporary.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["accessKeyId"] = credentials.AccessKeyId,
            ["accessKeySecret"] = credentials.AccessKeySecret,
            ["stsToken"] = token,
            ["grant"] = grant.Token,
            ["dir"] = grant.Folder,
            ["bucket"] = grant.Bucket,

            // As SDKs want it.
            ["region"] = "oss-" + grant.Region,
            ["endpoint"] = grant.Endpoint,
            ["max_size"] = grant.MaxBytes,
        };
        if (grant.Callback is var (url, body))
            view["callback"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["url"] = url, ["body"] = body };
        return view;
    }
}
