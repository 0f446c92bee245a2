using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>What somebody asks to be let upload.</summary>
/// <param name="Sender">Who asks.</param>
public sealed record GrantRequest(Sender Sender)
{
    /// <summary>The class that the file is to go to; 0 for none.</summary>
    public long ClassId { get; init; }

    /// <summary>The client's name for its one file; null for a grant of many.</summary>
    public OriginalName? Name { get; init; }

    /// <summary>What the client takes its file for; null when it does not say. Only chooses among what the class takes.</summary>
    public string? MediaType { get; init; }

    /// <summary>The file's bytes; null when they are not known.</summary>
    public long? Size { get; init; }

    /// <summary>How long an upload may be begun; null for the configured time.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>The version of a form's signature; null for the configured one.</summary>
    public PolicyVersion? Version { get; init; }

    /// <summary>Whether a form is to be posted to us; null as configured.</summary>
    public bool? ByGateway { get; init; }

    /// <summary>Where our gateway is, as this client reaches it; no slash at its end.</summary>
    public string GatewayUrl { get; init; } = "";

    /// <summary>Whether it is for one file, under a key of ours.</summary>
    public bool IsForOne => Name is not null || MediaType is not null;
}

/// <summary>A form that may be posted.</summary>
/// <param name="Token">The grant's name.</param>
/// <param name="Host">Where to; no slash at its end.</param>
/// <param name="Folder">What the keys begin with, a slash at its end.</param>
/// <param name="Signed">The policy.</param>
/// <param name="Size">How large a file may be.</param>
/// <param name="ExpiresAt">Until when it may be begun, by the clock of whoever takes it.</param>
public sealed record PostGrant(
    string Token, string Host, string Folder, SignedPolicy Signed, SizeRange Size, DateTimeOffset ExpiresAt, string Bucket, string Region)
{
    /// <summary>The one key; null where the client chooses below the folder.</summary>
    public ObjectKey? Key { get; init; }

    /// <summary>Where the object of that key will be read.</summary>
    public string? Url { get; init; }

    /// <summary>The callback, for clients that send it as a field of its own; null where nobody is called.</summary>
    public string? Callback { get; init; }
}

/// <summary>A request that may be sent to the store.</summary>
/// <param name="Token">The grant's name.</param>
/// <param name="Address">The signed URL.</param>
/// <param name="Headers">Headers that have to be sent with exactly these values.</param>
public sealed record PutGrant(
    string Token, Uri Address, IReadOnlyList<KeyValuePair<string, string>> Headers, ObjectKey Key, string Url, DateTimeOffset ExpiresAt);
