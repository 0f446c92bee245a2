namespace OssProxy.Core.Identity;

/// <summary>Whose a session is.</summary>
public enum SessionKind
{
    /// <summary>A user's: the subject is the number of the user.</summary>
    User,

    /// <summary>A console account's: the subject is the number of the account.</summary>
    Admin,

    /// <summary>A guest's on a device: the subject is 0.</summary>
    Guest,
}

/// <summary>A session as its owner sees it; the token is not among it, because nobody has it but the client.</summary>
/// <param name="Subject">See <see cref="SessionKind"/>.</param>
/// <param name="Device">The label that the device gave itself; empty for none. A guest's says who the guest is.</param>
/// <param name="UsedAt">Within an hour, or a twentieth of the lifetime if that is less.</param>
public sealed record SessionInfo(
    long Id, SessionKind Kind, long Subject, string Device, DateTimeOffset CreatedAt, DateTimeOffset UsedAt, DateTimeOffset ExpiresAt);

/// <summary>A session that has begun, with the token that is told once.</summary>
/// <param name="Lifetime">From its last use.</param>
/// <param name="Ended">The sessions of the same subject that had to end for it.</param>
public sealed record SessionGrant(SessionInfo Session, Secret Token, TimeSpan Lifetime, IReadOnlyList<long> Ended);
