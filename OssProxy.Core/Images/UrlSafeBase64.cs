using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OssProxy.Core.Images;

/// <summary>The values that travel as Base64 with <c>-</c> and <c>_</c> (RFC 4648, 5), padded or not: manuals to 2018 keep the
/// padding, later ones drop it. <c>+</c> and <c>/</c> are refused: the one turns into a space on the way, the other ends an action.
/// </summary>
internal static class UrlSafeBase64
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads UTF-8 text; false for what is not Base64, and for bytes that are not UTF-8.</summary>
    public static bool TryDecode(string value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var digits = value.AsSpan().TrimEnd('=');
        // The framework's decoder skips white space, which has no business here.
        if (value.Length - digits.Length > 2 || digits.Length % 4 == 1 || digits.ContainsAnyExcept(Alphabet))
            return false;

        var bytes = new byte[Base64Url.GetMaxDecodedLength(digits.Length)];
        // Bits that are left over have to be 0; the overload that only says true or false throws when they are not.
        if (Base64Url.DecodeFromChars(digits, bytes, out _, out var written) is not OperationStatus.Done)
            return false;

        try
        {
            text = StrictUtf8.GetString(bytes.AsSpan(0, written));
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>Without padding.</summary>
    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
