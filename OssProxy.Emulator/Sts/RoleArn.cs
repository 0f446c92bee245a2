namespace OssProxy.Emulator.Sts;

/// <summary><c>acs:ram::{account}:role/{name}</c>.</summary>
internal sealed record RoleArn
{
    private const int MaxNameLength = 64;

    private RoleArn(string account, string name) => (Account, Name) = (account, name);

    public string Account { get; }

    public string Name { get; }

    public override string ToString() => $"acs:ram::{Account}:role/{Name}";

    /// <summary>Null for anything else.</summary>
    public static RoleArn? Parse(string text) =>
        text.Split(':') is ["acs", "ram", "", { Length: > 0 } account, var role]
        && account.All(char.IsAsciiDigit)
        && role.Split('/') is ["role", { Length: > 0 and <= MaxNameLength } name]
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? new(account, name)
            : null;
}
