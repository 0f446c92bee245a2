using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>What a form that was posted to our gateway may store.</summary>
/// <param name="Grant">Its grant.</param>
/// <param name="Key">The key that it names.</param>
/// <param name="MinBytes">Least bytes of its file.</param>
/// <param name="MaxBytes">Most bytes.</param>
public sealed record GatewayAdmission(UploadGrant Grant, ObjectKey Key, long MinBytes, long MaxBytes)
{
    /// <summary>As whom the file comes.</summary>
    public Sender Sender { get; } = GrantSender.Read(Grant.Sender);
}

/// <summary>
/// Reads a form that was posted to us as it would be to OSS, as OSS would, and stricter where it can afford to be: the policy must be one of
/// ours, every condition must hold, no field may come twice, and what the policy does not name is not taken.
/// </summary>
public sealed class GatewayForm(UploadGrants grants, GatewayKey key, GrantTerms terms, TimeProvider time)
{
    private const string FileNameVariable = "${filename}";

    // Fields that prove the policy, or that say only how to answer.
    private static readonly HashSet<string> NeedNoCondition = new(StringComparer.Ordinal)
    {
        "policy", "ossaccesskeyid", "signature", "x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-signature",
        "success_action_status",
    };

    /// <summary>Judges the fields that stand before the file.</summary>
    /// <param name="fields">Names in lower case.</param>
    /// <param name="fileName">The file's own name; null when it has none.</param>
    /// <exception cref="GrantException">One of the errors of forms and policies.</exception>
    public async Task<GatewayAdmission> JudgeAsync(
        IReadOnlyDictionary<string, string> fields, string? fileName, CancellationToken cancellationToken)
    {
        var policy = Required(fields, "policy");
        var token = fields.ContainsKey("x-oss-credential") || fields.ContainsKey("x-oss-signature") ? RequireV4(fields, policy) : RequireV1(fields, policy);
        var grant = await grants.FindAsync(token, cancellationToken);
        if (grant is not { Kind: GrantKind.Gateway })
            throw new GrantException(GrantError.PolicyKeyUnknown, "The grant of the policy is gone.");

        var document = PolicyDocument.Parse(policy);
        if (document.Expiration <= time.GetUtcNow())
            throw new GrantException(GrantError.PolicyExpired, "The policy has expired.");
        var bucket = grant.Bucket.Length > 0 ? grant.Bucket : GatewayKey.Region;
        if (document.Broken(field => field == "bucket" ? bucket : fields.GetValueOrDefault(field)) is { } broken)
            throw new GrantException(GrantError.PolicyViolated, "A condition of the policy fails.") { Condition = broken };
        var named = document.Named.ToHashSet(StringComparer.Ordinal);
        if (fields.Keys.FirstOrDefault(field => fields[field].Length > 0 && !named.Contains(field) && !NeedNoCondition.Contains(field)) is { } extra)
            throw new GrantException(GrantError.PolicyViolated, "A field is not named by the policy.") { Condition = $"[\"eq\", \"${extra}\", \"\"]" };

        return Admit(grant, Required(fields, "key"), fileName, document);
    }

    /// <summary>Says that the file of a form has been stored.</summary>
    public Task DoneAsync(GatewayAdmission admission, CancellationToken cancellationToken) =>
        admission.Grant.IsPrefix ? Task.CompletedTask : grants.SettleAsync(admission.Grant.Id, cancellationToken);

    private GatewayAdmission Admit(UploadGrant grant, string named, string? fileName, PolicyDocument document)
    {
        // After the conditions, as OSS does: they are about what the form says.
        var expanded = named.Replace(FileNameVariable, fileName ?? "", StringComparison.Ordinal);
        if (!ObjectKey.TryParse(expanded, out var parsed) || !grant.Covers(parsed) || parsed.Value.EndsWith('/'))
            throw new GrantException(GrantError.KeyNotGranted, "The key is none that was granted.");
        var (min, max) = document.Sizes ?? (grant.MinBytes, grant.MaxBytes);
        terms.RequireStoreOf(grant);
        return new GatewayAdmission(grant, parsed, Math.Max(min, grant.MinBytes), Math.Min(max, grant.MaxBytes));
    }

    private string RequireV1(IReadOnlyDictionary<string, string> fields, string policy)
    {
        var token = TokenOf(Required(fields, "ossaccesskeyid"));
        RequireSame(PostSignature.V1(key.Secret, policy), Required(fields, "signature"));
        return token;
    }

    private string RequireV4(IReadOnlyDictionary<string, string> fields, string policy)
    {
        if (Required(fields, "x-oss-signature-version") != OssSignerV4.Algorithm)
            throw new GrantException(GrantError.PolicySignatureWrong, "The version of the signature is unknown.");
        var date = Required(fields, "x-oss-date");
        var credential = Required(fields, "x-oss-credential").Split('/');
        var token = TokenOf(credential[0]);
        var isInScope = credential is [_, var day, GatewayKey.Region, "oss", "aliyun_v4_request"] && date.Length == 16
            && date.StartsWith(day, StringComparison.Ordinal) && day.Length == 8
            && DateTimeOffset.TryParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
        if (!isInScope)
            throw new GrantException(GrantError.PolicySignatureWrong, "The scope of the signature is not ours.");
        RequireSame(PostSignature.V4(key.Secret, GatewayKey.Region, date[..8], policy), Required(fields, "x-oss-signature"));
        return token;
    }

    private static string TokenOf(string id) =>
        GatewayKey.TokenIn(id) ?? throw new GrantException(GrantError.PolicyKeyUnknown, "The policy was signed by somebody else.");

    private static void RequireSame(string expected, string given)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given)))
            throw new GrantException(GrantError.PolicySignatureWrong, "The signature of the policy is wrong.");
    }

    private static string Required(IReadOnlyDictionary<string, string> fields, string name) =>
        fields.GetValueOrDefault(name) is { Length: > 0 } value ? value
        : throw new GrantException(GrantError.FormFieldMissing, $"The form lacks the field {name}.");
}
