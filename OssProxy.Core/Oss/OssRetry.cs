namespace OssProxy.Core.Oss;

/// <summary>
/// Which failures are worth another attempt, and after what pause: full jitter over a growing span, as the official SDKs do (base 200 ms),
/// but with a shorter cap, because a client waits at the other end.
/// </summary>
internal static class OssRetry
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(4);

    /// <summary>Whether the failure may pass, and whether the store has surely not done the work.</summary>
    public static (bool Worthwhile, bool NotDone) Judge(Exception failure) => failure switch
    {
        OssException { IsSkew: true } => (true, true),

        // Throttling comes before the work (docs/oss-assumptions.md A9). Without a code it is a gateway's word, and OSS may be at work.
        OssException { Status: 429 or 503, Code.Length: > 0 } => (true, true),
        OssException { Status: 429 } => (true, false),
        OssException { Status: >= 500 or 408 } => (true, false),

        // The service closes a connection that was silent, and takes a cut body for one: nothing is stored.
        OssException { Code: "RequestTimeout" or "IncompleteBody" or "InvalidCRC64" or "InvalidDigest" } => (true, true),
        OssTransportException { Final: true } => (false, false),

        // Whoever gives credentials has been asked as often as makes sense.
        OssTransportException { Error: OssTransportError.CredentialsRefused or OssTransportError.CredentialsUnavailable } => (false, true),
        OssTransportException e => (true, e.NeverSent),
        _ => (false, false),
    };

    /// <summary>Anything between nothing and the span of this attempt.</summary>
    /// <param name="attempt">The attempt that has failed, from 1.</param>
    public static TimeSpan Pause(int attempt)
    {
        var span = Step * Math.Pow(2, attempt - 1);
#pragma warning disable CA5394 // Spreading load needs no secret.
        return (span < Cap ? span : Cap) * Random.Shared.NextDouble();
#pragma warning restore CA5394
    }
}
