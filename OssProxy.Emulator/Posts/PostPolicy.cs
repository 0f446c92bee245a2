using System.Globalization;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Posts;

/// <summary>
/// The document that a form carries in <c>policy</c>: until when, and what its fields must be. Fields that no
/// condition names are free (PostObject reference): the signature covers the document, not the form.
/// </summary>
internal sealed class PostPolicy
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonDocumentOptions Exact = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    // Both spellings are in official samples.
    private static readonly string[] ExpirationFormats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"];

    private readonly DateTimeOffset _expiration;
    private readonly List<PolicyCondition> _conditions = [];

    private PostPolicy(DateTimeOffset expiration) => _expiration = expiration;

    /// <summary>Without a policy the file may have any size.</summary>
    public static (long Minimum, long Maximum) AnySize => (0, long.MaxValue);

    /// <summary>Bytes of the file, both ends allowed; several ranges must hold together.</summary>
    public (long Minimum, long Maximum) Size { get; private set; } = AnySize;

    public static PostPolicy Parse(string base64)
    {
        using var document = Document(base64);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw PostErrors.InvalidPolicy("the policy is not a JSON object.");

        if (!root.TryGetProperty("expiration", out var expiration))
            throw PostErrors.InvalidPolicy("Policy missing expiration.", "0006-00000208");

        if (expiration.ValueKind != JsonValueKind.String
            || !DateTimeOffset.TryParseExact(expiration.GetString(), ExpirationFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end))
        {
            throw PostErrors.InvalidPolicy("Invalid expiration: " + expiration.GetRawText());
        }

        if (!root.TryGetProperty("conditions", out var conditions))
            throw PostErrors.InvalidPolicy("Policy missing conditions.");

        if (conditions.ValueKind != JsonValueKind.Array)
            throw PostErrors.InvalidPolicy("Invalid conditions: not a list.", "0006-00000214");

        if (conditions.GetArrayLength() == 0)
            throw PostErrors.InvalidPolicy("Invalid conditions: the list is empty.", "0006-00000215");

        var policy = new PostPolicy(end);
        foreach (var item in conditions.EnumerateArray())
            policy.Add(item);

        return policy;
    }

    /// <summary>True when a condition binds the field to exactly one value.</summary>
    public bool Pins(string field) => _conditions.Exists(c => c.Mode == "eq" && c.Field.Equals(field, StringComparison.OrdinalIgnoreCase));

    /// <summary>Expired, or a field that is not what a condition wants: <see cref="OssException"/> with the service's texts.</summary>
    public void Verify(PostForm form, string bucket, DateTimeOffset now)
    {
        if (now > _expiration)
            throw PostErrors.PolicyExpired();

        foreach (var condition in _conditions)
        {
            // The bucket is the one that is written to, whatever a field of that name says.
            var value = condition.Field.Equals("bucket", StringComparison.OrdinalIgnoreCase) ? bucket : form[condition.Field];
            if (value is null)
                throw PostErrors.ConditionFailed(condition.ToString(), "0006-00000226");

            if (!condition.Holds(value))
                throw PostErrors.ConditionFailed(condition.ToString(), "0006-00000227");
        }
    }

    private void Add(JsonElement item)
    {
        if (item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            throw PostErrors.InvalidPolicy("Invalid Condition: neither an object nor a list: " + item.GetRawText(), "0006-00000222");

        if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() > 0
            && item[0].ValueKind == JsonValueKind.String && item[0].GetString() == "content-length-range")
        {
            var (minimum, maximum) = PolicyCondition.Range(item);
            Size = (Math.Max(Size.Minimum, minimum), Math.Min(Size.Maximum, maximum));
        }
        else
        {
            _conditions.Add(PolicyCondition.Parse(item));
        }
    }

    private static JsonDocument Document(string base64)
    {
        try
        {
            var text = Strict.GetString(Convert.FromBase64String(base64));

            // Two members of one name: which of them a reader takes is chance, so none is taken.
            return JsonDocument.Parse(WithDollarsEscaped(text), Exact);
        }
        catch (Exception failure) when (failure is FormatException or DecoderFallbackException or JsonException)
        {
            throw PostErrors.InvalidPolicy("the policy is not Base64 of a JSON document.");
        }
    }

    // The policy language escapes a dollar sign with a backslash, which JSON does not know.
    private static string WithDollarsEscaped(string text)
    {
        if (!text.Contains("\\$", StringComparison.Ordinal))
            return text;

        var plain = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
                plain.Append(text[i]);
            else if (text[++i] == '$')
                plain.Append("\\u0024");
            else
                plain.Append('\\').Append(text[i]);
        }

        return plain.ToString();
    }
}
