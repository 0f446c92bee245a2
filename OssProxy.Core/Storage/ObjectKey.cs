using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OssProxy.Core.Storage;

/// <summary>
/// The name of an object in a store: 1–1023 bytes of UTF-8, case-sensitive, without a leading slash or backslash. Narrower than what OSS
/// accepts in two points: <c>.</c> and <c>..</c> segments are refused, because browsers, proxies and <see cref="Uri"/> fold them away and
/// the object would be another one; control characters are refused, because XML 1.0 cannot carry them.
/// </summary>
public sealed record ObjectKey
{
    /// <summary>The longest key OSS accepts, in bytes of UTF-8.</summary>
    public const int MaxBytes = 1023;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ObjectKey(string value) => Value = value;

    /// <summary>The key as text, never empty, never percent-encoded.</summary>
    public string Value { get; }

    /// <summary>Reads a key; false when the text breaks one of the rules above.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ObjectKey? key)
    {
        key = IsValid(text) ? new ObjectKey(text) : null;
        return key is not null;
    }

    /// <summary>Reads a key that our own code made.</summary>
    /// <exception cref="FormatException">The text is not a key.</exception>
    public static ObjectKey Parse(string text) =>
        TryParse(text, out var key) ? key : throw new FormatException("Not an object key.");

    public override string ToString() => Value;

    private static bool IsValid([NotNullWhen(true)] string? text)
    {
        if (string.IsNullOrEmpty(text) || text[0] is '/' or '\\' || text.Length > MaxBytes)
            return false;

        foreach (var c in text)
        {
            if (char.IsControl(c))
                return false;
        }

        foreach (var segment in text.AsSpan().Split('/'))
        {
            if (text.AsSpan()[segment] is "." or "..")
                return false;
        }

        try
        {
            return StrictUtf8.GetByteCount(text) <= MaxBytes;
        }
        catch (EncoderFallbackException)
        {
            // A lone surrogate has no UTF-8 form.
            return false;
        }
    }
}
