namespace OssProxy.Api.Envelope;

/// <summary>Whose fault a failure is; decides how it is logged.</summary>
public enum Blame
{
    /// <summary>The client's: logged at Debug, because an attacker can multiply it.</summary>
    Client,

    /// <summary>The store's.</summary>
    Store,

    /// <summary>The provider's that vouches for the users of a mini-program.</summary>
    Provider,

    /// <summary>Our own, the database's and the disk's included.</summary>
    Server,
}

/// <summary>How a failure is answered.</summary>
/// <param name="Code">The stable name, <c>errorCode</c>.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Blame">Whose fault it is.</param>
/// <param name="Text">What a person can do about it, in Chinese.</param>
public sealed record Failure(string Code, int Status, Blame Blame, string Text)
{
    /// <summary>When it may be worth another try; null where the status says it already, or never.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same as a moment, where it is one.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
