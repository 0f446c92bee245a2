using System.Globalization;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>Credentials that end by themselves. They do not print their secret and their token.</summary>
public sealed class TemporaryCredentials
{
    public TemporaryCredentials(string accessKeyId, string accessKeySecret, string securityToken, DateTimeOffset expiresAt)
    {
        Credentials = new OssCredentials(accessKeyId, accessKeySecret, securityToken) { ExpiresAt = expiresAt };
        ExpiresAt = expiresAt;
        GoodUntil = expiresAt;
    }

    /// <summary>Id, secret and token, as they sign.</summary>
    public OssCredentials Credentials { get; }

    /// <summary>The end of their life, by the clock of whoever gave them.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The same by our clock, which may be wrong: never later than they were asked for.</summary>
    internal DateTimeOffset GoodUntil { get; init; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Credentials} until {ExpiresAt:u}");
}
