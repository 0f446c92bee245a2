using System.Buffers.Text;
using System.Security.Cryptography;

namespace OssProxy.Core.Identity;

/// <summary>How tokens of ours look. The beginning says what a token is, so that one costs one look-up, and so that a token which was
/// published by mistake is found by scanners.</summary>
internal static class TokenShape
{
    /// <summary>How the tokens of sessions begin.</summary>
    public const string Session = "ops_";

    /// <summary>How API keys begin.</summary>
    public const string ApiKey = "opk_";

    // 43 letters of Base64url behind the beginning.
    private const int RandomBytes = 32;
    private const int Letters = 43;

    /// <summary>A new token of 256 random bits.</summary>
    public static Secret New(string beginning) => new(beginning + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)));

    /// <summary>Whether a text can be a token that <see cref="New"/> has made.</summary>
    public static bool Fits(Secret token, string beginning) =>
        token.Length == beginning.Length + Letters && token.Reveal().StartsWith(beginning, StringComparison.Ordinal);
}
