using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Core.Grants;

namespace OssProxy.Api.Grants;

/// <summary>Temporary credentials for clients with an SDK of OSS: in the names of STS itself, and in those that the SDK for JavaScript takes.</summary>
[ApiController]
[CallerDoor]
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

/// <summary>Temporary credentials as clients are told them.</summary>
/// <param name="Expiration">By the clock of STS, as it writes it.</param>
/// <param name="Region">As SDKs want it, with <c>oss-</c> in front.</param>
/// <param name="Dir">What keys must begin with.</param>
internal sealed record StsView(
    [property: JsonPropertyName("AccessKeyId")] string AccessKeyId,
    [property: JsonPropertyName("AccessKeySecret")] string AccessKeySecret,
    [property: JsonPropertyName("SecurityToken")] string SecurityToken,
    [property: JsonPropertyName("Expiration")] string Expiration,
    [property: JsonPropertyName("grant")] string Grant,
    [property: JsonPropertyName("dir")] string Dir,
    [property: JsonPropertyName("bucket")] string Bucket,
    [property: JsonPropertyName("region")] string Region,
    [property: JsonPropertyName("endpoint")] string Endpoint,
    [property: JsonPropertyName("max_size")] long MaxSize)
{
    [JsonPropertyName("accessKeyId")]
    public string AccessKeyIdOfSdk => AccessKeyId;

    [JsonPropertyName("accessKeySecret")]
    public string AccessKeySecretOfSdk => AccessKeySecret;

    [JsonPropertyName("stsToken")]
    public string StsToken => SecurityToken;

    public static StsView Of(StsGrant grant)
    {
        var credentials = grant.Temporary.Credentials;
        return new StsView(
            credentials.AccessKeyId, credentials.AccessKeySecret, credentials.SecurityToken ?? "",
            grant.Temporary.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            grant.Token, grant.Folder, grant.Bucket, "oss-" + grant.Region, grant.Endpoint, grant.MaxBytes);
    }

    // A record prints all it has.
    public override string ToString() => $"{AccessKeyId}:***";
}
