namespace OssProxy.Core.Identity;

/// <summary>Which tokens are good, and for how long. Section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>A token that is an admin's, at least 12 characters; empty for none.</summary>
    public Secret AdminKey { get; set; }

    /// <summary>Whether sessions of ours are accepted and begun. They need records.</summary>
    public bool Sessions { get; set; } = true;

    /// <summary>How long a session lasts after it was last used; 1 minute to 365 days. Default 30 days.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Whether signing in on a device ends the session that the same user had there. Devices are told apart by the label that
    /// they give themselves.</summary>
    public bool OneSessionPerDevice { get; set; } = true;

    /// <summary>Whether API keys are accepted. They need records.</summary>
    public bool ApiKeys { get; set; } = true;

    /// <summary>Whether console accounts may sign in with name and password. They need records.</summary>
    public bool Passwords { get; set; } = true;

    /// <summary>Wrong passwords for one name from one address until neither is looked at for <see cref="LockoutDuration"/>; 1 to 1000.</summary>
    public int LockoutFailures { get; set; } = 5;

    /// <summary>How long a lock-out lasts; 1 second to 1 day. Default 5 minutes.</summary>
    public TimeSpan LockoutDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long audit rows are kept; 1 to 3650 days. Default 180 days.</summary>
    public TimeSpan AuditRetention { get; set; } = TimeSpan.FromDays(180);

    /// <summary>Tokens of another backend.</summary>
    public JwtOptions Jwt { get; set => field = value ?? new(); } = new();
}
