namespace OssProxy.Core.Sts;

/// <summary>Why there are no temporary credentials. The names are stable and appear as <c>errorCode</c>.</summary>
public enum StsError
{
    /// <summary>The deployment names no role, so that nobody can be given temporary credentials.</summary>
    StsNotConfigured,

    /// <summary>The bucket, prefix or key is none that a session policy can be limited to exactly.</summary>
    StsScopeInvalid,

    /// <summary>Our key, signature, permission or clock is refused.</summary>
    StsDenied,

    /// <summary>The role does not exist, or the request is one that this configuration cannot make.</summary>
    StsMisconfigured,

    /// <summary>We ask too often, or the service is overloaded.</summary>
    StsBusy,

    /// <summary>The service cannot be reached, fails by itself, or its answer is none of its own.</summary>
    StsUnavailable,

    /// <summary>The service did not answer in time.</summary>
    StsTimedOut,
}

/// <summary>Temporary credentials are not to be had. The message is for the log: it holds status, code and request id, never a secret, nor
/// the service's own words, which repeat what was signed.</summary>
public sealed class StsException(StsError error, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Why.</summary>
    public StsError Error { get; } = error;

    /// <summary>Whether it may be otherwise soon, without anybody's doing.</summary>
    public bool IsPassing => Error is StsError.StsBusy or StsError.StsUnavailable or StsError.StsTimedOut;

    /// <summary>Whether the same request, made anew, may succeed at once: its clock or its number was refused.</summary>
    internal bool Retry { get; init; }

    /// <summary>The same for others to throw: one failure is told to everybody who has waited for the one request.</summary>
    internal StsException Again() => new(Error, Message, this);
}
