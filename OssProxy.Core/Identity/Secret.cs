using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Identity;

/// <summary>
/// A text that must not be seen: a password, a key, a token. It cannot print itself, in no log, message or debugger; whoever needs the text
/// asks for it by name, and such places are few.
/// </summary>
[TypeConverter(typeof(SecretConverter))]
public readonly struct Secret(string? text) : IEquatable<Secret>
{
    private readonly string? _text = text;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(_text);

    /// <summary>How many characters it has.</summary>
    public int Length => _text?.Length ?? 0;

    /// <summary>The text itself.</summary>
    public string Reveal() => _text ?? "";

    /// <summary>The SHA-256 of the text, 64 lower-case hexadecimal digits: what is kept in place of a text of 256 random bits.</summary>
    public string Hash() => Convert.ToHexStringLower(Digest());

    /// <summary>Compares in a time that tells nothing of either text.</summary>
    // Digests have one length, so that the comparison tells nothing about the texts'.
    public bool Equals(Secret other) => CryptographicOperations.FixedTimeEquals(Digest(), other.Digest());

    public override bool Equals(object? obj) => obj is Secret other && Equals(other);

    public override int GetHashCode() => Hash().GetHashCode(StringComparison.Ordinal);

    public static bool operator ==(Secret one, Secret other) => one.Equals(other);

    public static bool operator !=(Secret one, Secret other) => !one.Equals(other);

    /// <summary><c>***</c>, or nothing where there is none.</summary>
    public override string ToString() => IsEmpty ? "" : "***";

    private byte[] Digest() => SHA256.HashData(Encoding.UTF8.GetBytes(Reveal()));

    /// <summary>Lets settings be secrets.</summary>
    private sealed class SecretConverter : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) => new Secret(value as string);
    }
}
