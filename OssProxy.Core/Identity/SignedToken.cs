using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace OssProxy.Core.Identity;

/// <summary>
/// A token in the compact form of RFC 7515, taken apart and not yet believed. There is one way to write each: Base64url without padding, white
/// space or spare bits. What would have to be understood to be obeyed (<c>crit</c>, <c>b64</c>, <c>zip</c>) is refused; where a token says that
/// its key can be found (<c>jwk</c>, <c>jku</c>, <c>x5c</c>, <c>x5u</c>), nobody looks.
/// </summary>
internal sealed class SignedToken
{
    private static readonly string[] NotUnderstood = ["crit", "b64", "zip"];

    private static readonly string[] Types = ["JWT", "at+jwt", "application/jwt", "application/at+jwt"];

    private SignedToken(string algorithm, string? keyId, byte[] signed, byte[] signature, byte[] payload) =>
        (Algorithm, KeyId, Signed, Signature, Payload) = (algorithm, keyId, signed, signature, payload);

    /// <summary>What the token says that it was signed with.</summary>
    public string Algorithm { get; }

    /// <summary>The name of the key; null where the token names none.</summary>
    public string? KeyId { get; }

    /// <summary>What the signature is of.</summary>
    public byte[] Signed { get; }

    public byte[] Signature { get; }

    /// <summary>The claims, which nobody may look at before the signature has been.</summary>
    public byte[] Payload { get; }

    /// <summary>Takes a token apart.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TokenInvalid"/>.</exception>
    public static SignedToken Read(Secret token)
    {
        var text = token.Reveal();
        var (first, last) = (text.IndexOf('.', StringComparison.Ordinal), text.LastIndexOf('.'));
        if (first < 0 || first == last
            || Decode(text.AsSpan(0, first)) is not { } header
            || Decode(text.AsSpan(first + 1, last - first - 1)) is not { } payload
            || Decode(text.AsSpan(last + 1)) is not { } signature)
            throw Refused("The token is not three parts of plain Base64url.");
        if (StrictJson.Members(header) is not { } members)
            throw Refused("The token's header is no plain JSON object.");
        if (NotUnderstood.Any(members.ContainsKey))
            throw Refused("The token asks for what is not understood here.");

        // Tokens of one issuer with other purposes, say for signing out, are told apart by this alone.
        if (Text(members, "typ") is { } type && !Types.Contains(type, StringComparer.OrdinalIgnoreCase))
            throw Refused("The token is for another purpose.");
        return new SignedToken(
            Text(members, "alg") ?? throw Refused("The token names no algorithm."), Text(members, "kid"),
            Encoding.ASCII.GetBytes(text, 0, last), signature, payload);
    }

    // The framework's decoder lets padding and white space pass; then there is more than the bytes need.
    private static byte[]? Decode(ReadOnlySpan<char> part)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        return Base64Url.DecodeFromChars(part, bytes, out _, out var written) == OperationStatus.Done
            && Base64Url.GetEncodedLength(written) == part.Length ? bytes[..written] : null;
    }

    private static string? Text(Dictionary<string, JsonElement> members, string name) =>
        !members.TryGetValue(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Refused("A member of the token's header is no text.");

    private static IdentityException Refused(string why) => new(IdentityError.TokenInvalid, why);
}
