namespace OssProxy.Emulator;

/// <summary>A RAM role that STS gives temporary credentials of.</summary>
public sealed class EmulatorRole
{
    /// <summary>The role that exists where none is configured.</summary>
    public const string DefaultArn = "acs:ram::1000000000000000:role/ossproxy";

    /// <summary><c>acs:ram::{account}:role/{name}</c>.</summary>
    public string Arn { get; set; } = "";

    /// <summary>A RAM policy, JSON. Empty: the role may do all.</summary>
    public string? Policy { get; set; }

    /// <summary>The longest life of its credentials, 1 to 12 hours, default 1 hour.</summary>
    public TimeSpan MaxSessionDuration { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Access key ids that may assume it, and ARNs of roles whose sessions may. Empty: everyone who may sign here.</summary>
    public IList<string> AssumedBy { get; init; } = [];
}
