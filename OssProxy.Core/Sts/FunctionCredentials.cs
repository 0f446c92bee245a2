using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>
/// The credentials of the function that this process runs in. The platform tells them with every request and, for the beginning, in the
/// environment; it does not tell when they end, but gives others in time. What comes last is used, also by work that no request has begun.
/// </summary>
public sealed class FunctionCredentials : IOssCredentialsSource
{
    private const int LongestToken = 4096;
    private const int LongestKey = 256;

    private OssCredentials? _current;

    /// <summary>Takes over what the platform tells; false where it is not all there, or is nothing that a header could carry.</summary>
    public bool Offer(string? accessKeyId, string? accessKeySecret, string? securityToken)
    {
        if (!IsKey(accessKeyId, LongestKey) || !IsKey(accessKeySecret, LongestKey) || !IsKey(securityToken, LongestToken))
            return false;

        if (Volatile.Read(ref _current) is { } known && known.AccessKeyId == accessKeyId && known.SecurityToken == securityToken)
            return true;
        Volatile.Write(ref _current, new OssCredentials(accessKeyId!, accessKeySecret!, securityToken));
        return true;
    }

    public ValueTask<OssCredentials> GetAsync(CancellationToken cancellationToken) => Volatile.Read(ref _current) is { } current
        ? new(current)
        : throw new OssTransportException(
            OssTransportError.CredentialsRefused, "The platform has told no credentials: the function may have no role.");

    /// <summary>True when the platform has told others since.</summary>
    public bool Discard(OssCredentials refused) =>
        Volatile.Read(ref _current) is { } current && current.AccessKeyId != refused.AccessKeyId;

    public override string ToString() => $"Function: {Volatile.Read(ref _current)?.ToString() ?? "none"}";

    private static bool IsKey(string? text, int longest) =>
        text is { Length: > 0 } && text.Length <= longest && text.All(letter => letter is > ' ' and <= '~');
}
