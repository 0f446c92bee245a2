using System.Globalization;

namespace OssProxy.Core.Identity;

/// <summary>The sorts of callers.</summary>
public enum CallerKind
{
    /// <summary>Nobody that is known; perhaps a device.</summary>
    Guest,

    /// <summary>A user of a mini-program, or of another backend.</summary>
    User,

    /// <summary>A person who runs the deployment.</summary>
    Admin,

    /// <summary>A program with an API key.</summary>
    Machine,
}

/// <summary>Who is asking: what every door is told of a request, once, before its body.</summary>
/// <param name="Kind">The sort.</param>
/// <param name="Owner">Whose files are this caller's, as records name it: <c>user:7</c>, <c>jwt:7</c>, <c>admin</c>, <c>admin:li</c>,
/// <c>key:3</c>, <c>guest:&lt;device&gt;</c>; empty for a guest without a device.</param>
/// <param name="Name">For people; may be empty.</param>
public sealed record Caller(CallerKind Kind, string Owner, string Name)
{
    /// <summary>The session that the token stands for; null for other tokens.</summary>
    public SessionInfo? Session { get; init; }

    /// <summary>What a machine may do; null for everybody else.</summary>
    public KeyScope? Scope { get; init; }

    /// <summary>Whoever has the configured admin key.</summary>
    public static Caller Admin { get; } = new(CallerKind.Admin, "admin", "admin");

    /// <summary>A user who signed in here.</summary>
    public static Caller User(long id, string name) =>
        new(CallerKind.User, string.Create(CultureInfo.InvariantCulture, $"user:{id}"), name.Length > 0 ? name : "user");

    /// <summary>Whoever has signed in to a console account.</summary>
    public static Caller Account(string name) => new(CallerKind.Admin, "admin:" + name, name);

    /// <summary>A guest on a device that has named itself; an empty name is no device.</summary>
    public static Caller Guest(string device) => device.Length > 0 ? new(CallerKind.Guest, "guest:" + device, "guest") : Stranger;

    /// <summary>A guest without a token.</summary>
    public static Caller Stranger { get; } = new(CallerKind.Guest, "", "guest");

    /// <summary>Whether it is known across requests.</summary>
    public bool IsKnown => Owner.Length > 0;
}
