using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator.Policies;
using OssProxy.Emulator.Signatures;

namespace OssProxy.Emulator.Sts;

/// <summary>What AssumeRole answers.</summary>
internal sealed record AssumedRole(string Arn, string Id, EmulatorCredential Credential);

/// <summary>AssumeRole: the rules of its parameters, in the order in which they are looked at, and the credentials that come of it.</summary>
internal sealed class RoleAssumption(RoleList roles, IssuedCredentials issued, string region)
{
    private const int LeastSeconds = 900;
    private const int DefaultSeconds = 3600;
    private const int MaxPolicyCharacters = 2048;

    public AssumedRole Assume(StsCall call, DateTimeOffset now)
    {
        var request = call.Request;
        var arn = RoleArn.Parse(request.Need("RoleArn")) ?? throw StsErrors.RoleArn();
        var name = request.Need("RoleSessionName");
        if (name.Length is < 2 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '@' or '-' or '_'))
            throw StsErrors.RoleSessionName();

        if (request.Parameter("ExternalId") is { Length: < 2 or > 1224 })
            throw StsErrors.InvalidParameter("ExternalId", "It must have 2 to 1224 characters.");

        var role = roles.Find(arn) ?? throw StsErrors.NoSuchRole();
        if (!role.MayBeAssumedBy(call.Caller))
            throw StsErrors.NoPermission();

        var rights = new SessionRights(arn.ToString(), arn.Account, region, role.Policy, PolicyOf(request.Parameter("Policy")));
        var credential = issued.Issue(rights, EndOf(request.Parameter("DurationSeconds"), role, now), now) ?? throw StsErrors.Throttled();
        return new($"{arn}/{name}", $"{IdOf(arn)}:{name}", credential);
    }

    // To the second, as the answer says it: the credentials must not outlive what their holder was told.
    private static DateTimeOffset EndOf(string? text, Role role, DateTimeOffset now)
    {
        var seconds = DefaultSeconds;
        if (text is not null && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
            throw StsErrors.DurationSeconds(role.MaxSessionDuration);

        return seconds >= LeastSeconds && seconds <= role.MaxSessionDuration.TotalSeconds
            ? DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() + seconds)
            : throw StsErrors.DurationSeconds(role.MaxSessionDuration);
    }

    private static RamPolicy? PolicyOf(string? text) => text switch
    {
        null => null,
        { Length: 0 or > MaxPolicyCharacters } => throw StsErrors.PolicySize(),
        _ => RamPolicy.Parse(text),
    };

    // The service numbers its roles; the same role has the same number always.
    private static string IdOf(RoleArn arn) => "3" + (BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(arn.ToString()))) % 100_000_000_000_000_000UL)
        .ToString("D17", CultureInfo.InvariantCulture);
}
