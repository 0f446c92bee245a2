using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OssProxy.Core.Identity;

/// <summary>
/// Makes a caller of the claims of a token whose signature is good. The claims may be a whole row of somebody's user table, the hash of a
/// password included; what the settings do not name is not kept.
/// </summary>
internal sealed class JwtClaims(JwtOptions options)
{
    private const int LongestSubject = 128;
    private const int LongestName = 64;

    // The end of the year 9999. What lies beyond is no time but milliseconds, or an attempt.
    private const decimal LastSecond = 253_402_300_799m;

    private readonly FrozenSet<string> _guests = Roles(options.GuestRoles);
    private readonly FrozenSet<string> _admins = Roles(options.AdminRoles);
    private readonly decimal _skew = (decimal)options.ClockSkew.TotalSeconds;

    /// <summary>The roles in a setting, which commas separate.</summary>
    public static FrozenSet<string> Roles(string setting) =>
        setting.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Who has been vouched for.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TokenInvalid"/>, <see cref="IdentityError.TokenExpired"/>,
    /// <see cref="IdentityError.UserDisabled"/>.</exception>
    public Caller Read(ReadOnlySpan<byte> payload, DateTimeOffset now)
    {
        var claims = StrictJson.Members(payload) ?? throw Refused("The token's payload is no plain JSON object.");
        RequireOrigin(claims);
        RequireTime(claims, now.ToUnixTimeMilliseconds() / 1000m);

        var subject = Find(claims, options.SubjectClaim) is { } claim ? Word(claim) : null;
        if (subject is not { Length: > 0 and <= LongestSubject } || subject.EnumerateRunes().Any(IsUnseen))
            throw Refused("The token's subject is missing or cannot be one.");
        if (Find(claims, options.StatusClaim) is { } status && IsOff(status))
            throw new IdentityException(IdentityError.UserDisabled, "The token says that its user is disabled.");
        return new Caller(Kind(claims), "jwt:" + subject, Name(claims));
    }

    private void RequireOrigin(Dictionary<string, JsonElement> claims)
    {
        if (options.Issuer.Length > 0 && !(Find(claims, "iss") is { } issuer && IsText(issuer, options.Issuer)))
            throw Refused("The token has another issuer.");
        if (options.Audience.Length == 0)
            return;
        if (Find(claims, "aud") is not { } audience || !(audience.ValueKind == JsonValueKind.Array
            ? audience.EnumerateArray().Any(one => IsText(one, options.Audience))
            : IsText(audience, options.Audience)))
            throw Refused("The token is for another audience.");
    }

    private void RequireTime(Dictionary<string, JsonElement> claims, decimal now)
    {
        if (Time(claims, "nbf") is { } begin && now + _skew < begin)
            throw Refused("The token is not good yet.");
        if (Time(claims, "exp") is { } end ? now - _skew >= end : options.RequireExpiry)
        {
            throw claims.ContainsKey("exp")
                ? new IdentityException(IdentityError.TokenExpired, "The token has expired.")
                : Refused("The token has no end.");
        }
    }

    // What is somebody whose role cannot be read? Perhaps a guest.
    private CallerKind Kind(Dictionary<string, JsonElement> claims)
    {
        if (Find(claims, options.RoleClaim) is not { ValueKind: not JsonValueKind.Null } claim)
            return CallerKind.User;

        var roles = (claim.ValueKind == JsonValueKind.Array ? claim.EnumerateArray().AsEnumerable() : [claim])
            .Select(role => Word(role) ?? throw Refused("A role of the token is no text.")).ToList();

        // Who is called both has the lesser rights.
        return roles.Exists(_guests.Contains) ? CallerKind.Guest : roles.Exists(_admins.Contains) ? CallerKind.Admin : CallerKind.User;
    }

    private string Name(Dictionary<string, JsonElement> claims)
    {
        var claimed = Find(claims, options.NameClaim) is { } claim ? Word(claim) ?? "" : "";
        var name = string.Concat(claimed.EnumerateRunes().Where(rune => !IsUnseen(rune)).Take(LongestName)).Trim();
        return name.Length > 0 ? name : "user";
    }

    private static decimal? Time(Dictionary<string, JsonElement> claims, string name)
    {
        if (Find(claims, name) is not { } claim)
            return null;
        return claim.ValueKind == JsonValueKind.Number && claim.TryGetDecimal(out var seconds) && seconds is >= 0 and <= LastSecond
            ? seconds : throw Refused("A time of the token is none.");
    }

    private static JsonElement? Find(Dictionary<string, JsonElement> claims, string name) =>
        name.Length > 0 && claims.TryGetValue(name, out var claim) ? claim : null;

    private static string? Word(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.String => claim.GetString(),
        JsonValueKind.Number when claim.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static bool IsText(JsonElement claim, string text) => claim.ValueKind == JsonValueKind.String && claim.ValueEquals(text);

    private static bool IsOff(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.Number => claim.TryGetDecimal(out var number) && number == 0,
        JsonValueKind.String => claim.ValueEquals("0") || claim.ValueEquals("false"),
        _ => false,
    };

    // Controls, and what turns the direction of a line around or joins it with the next in somebody's list.
    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static IdentityException Refused(string why) => new(IdentityError.TokenInvalid, why);
}
