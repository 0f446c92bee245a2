using System.Text.Json.Serialization;
using OssProxy.Core.Grants;

namespace OssProxy.Api.Grants;

/// <summary>
/// A form's grant in the words of every family of clients that asks for one: each looks for its own names. Names of the one version of the
/// signature do not stand beside those of the other, because clients take the first that they know.
/// </summary>
internal static class PolicyView
{
    public static IReadOnlyDictionary<string, object> Of(PostGrant grant)
    {
        var signed = grant.Signed;
        var view = new OrderedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["grant"] = grant.Token,
            ["host"] = grant.Host,
            ["url"] = grant.Host,
            ["dir"] = grant.Folder,
            ["expire"] = grant.ExpiresAt.ToUnixTimeSeconds(),
            ["bucket"] = grant.Bucket,
            ["region"] = grant.Region,
            ["min_size"] = grant.Size.Min,
            ["max_size"] = grant.Size.Max,
            ["policy"] = signed.Policy,
            ["signature"] = signed.Signature,
        };
        if (signed.Version == PolicyVersion.V1)
        {
            foreach (var name in (string[])["accessKeyId", "accessid", "accessId", "OSSAccessKeyId"])
                view[name] = signed.Credentials.AccessKeyId;
            view["Signature"] = signed.Signature;
        }
        else
        {
            view["version"] = "OSS4-HMAC-SHA256";
            view["x_oss_signature_version"] = "OSS4-HMAC-SHA256";
            view["x_oss_credential"] = signed.Credential!;
            view["x_oss_date"] = signed.Date!;
            view["x_oss_signature"] = signed.Signature;
        }

        if (signed.Credentials.SecurityToken is { } token)
            view["security_token"] = token;
        if (grant.Callback is { } callback)
            view["callback"] = callback;
        if (grant.Key is { } key)
            (view["key"], view["object_url"]) = (key.Value, grant.Url!);
        view["fields"] = signed.Fields.ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal);
        return view;
    }
}

/// <summary>A put that may be sent.</summary>
/// <param name="Expire">Unix time in seconds.</param>
internal sealed record PutView(
    [property: JsonPropertyName("grant")] string Grant,
    [property: JsonPropertyName("method")] string Method,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("headers")] IReadOnlyDictionary<string, string> Headers,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("object_url")] string ObjectUrl,
    [property: JsonPropertyName("expire")] long Expire)
{
    public static PutView Of(PutGrant grant) => new(
        grant.Token, "PUT", grant.Address.OriginalString, grant.Headers.ToDictionary(header => header.Key, header => header.Value, StringComparer.Ordinal),
        grant.Key.Value, grant.Url, grant.ExpiresAt.ToUnixTimeSeconds());
}

/// <summary>An upload in parts that has begun.</summary>
/// <param name="PartSize">Bytes of every part but the last.</param>
/// <param name="Parts">How many there are.</param>
/// <param name="Expire">Unix time in seconds.</param>
/// <param name="Urls">Of the first parts.</param>
internal sealed record PartsView(
    [property: JsonPropertyName("grant")] string Grant,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("object_url")] string ObjectUrl,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("part_size")] long PartSize,
    [property: JsonPropertyName("parts")] int Parts,
    [property: JsonPropertyName("expire")] long Expire,
    [property: JsonPropertyName("urls")] IReadOnlyList<PartUrlView> Urls);

/// <summary>Where one part is to be put.</summary>
internal sealed record PartUrlView(
    [property: JsonPropertyName("number")] int Number,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("size")] long Size)
{
    public static PartUrlView Of(PartAddress address) => new(address.Number, address.Address.OriginalString, address.Size);
}

/// <summary>A part that the store has.</summary>
internal sealed record PartDoneView(
    [property: JsonPropertyName("number")] int Number,
    [property: JsonPropertyName("size")] long Size);

/// <summary>A URL to read with.</summary>
/// <param name="Expire">Unix time in seconds.</param>
internal sealed record ReadView(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("expire")] long Expire);
