namespace OssProxy.Core.Identity;

/// <summary>Why a password may not be one.</summary>
public enum PasswordFault
{
    /// <summary>Shorter than <see cref="AccountPassword.Shortest"/>.</summary>
    TooShort,

    /// <summary>Longer than <see cref="AccountPassword.Longest"/>.</summary>
    TooLong,

    /// <summary>The name of the account.</summary>
    IsName,
}

/// <summary>What a new password must be. Length is all that is asked for beside not being the name: rules about signs and digits make
/// passwords that are hard to remember and no harder to guess.</summary>
public static class AccountPassword
{
    /// <summary>In UTF-16 units.</summary>
    public const int Shortest = 10;

    /// <summary>Likewise. More would cost whoever verifies it, and nobody remembers it.</summary>
    public const int Longest = 256;

    /// <summary>What is wrong with a password; null when it may be used.</summary>
    public static PasswordFault? FaultOf(Secret password, PlainName name) => password switch
    {
        { Length: < Shortest } => PasswordFault.TooShort,
        { Length: > Longest } => PasswordFault.TooLong,
        _ when name.Text.Equals(password.Reveal().Trim(), StringComparison.OrdinalIgnoreCase) => PasswordFault.IsName,
        _ => null,
    };
}
