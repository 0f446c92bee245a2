using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>What temporary credentials may do with the objects that they reach.</summary>
[Flags]
public enum SessionActions
{
    None = 0,

    /// <summary>Put an object, whole or in parts.</summary>
    Put = 1,

    /// <summary>Take back an upload in parts.</summary>
    AbortParts = 2,

    /// <summary>Look which parts of an upload have arrived.</summary>
    ListParts = 4,

    /// <summary>Read an object.</summary>
    Get = 8,

    /// <summary>All that an upload needs, and nothing else.</summary>
    Upload = Put | AbortParts | ListParts,
}

/// <summary>
/// The session policy that keeps temporary credentials to one key, or to what lies below one folder: at most 2,048 characters. RAM reads
/// <c>*</c> and <c>?</c> as wildcards and <c>${…}</c> as a variable, and knows no way to write them as themselves, so names that hold them are
/// refused, like everything else that could be read in another way (docs/oss-assumptions.md A16). Nobody can be given the right to list, to delete, or to a whole bucket.
/// </summary>
public sealed record SessionPolicy
{
    /// <summary>The longest policy that STS takes, in characters.</summary>
    public const int MostLetters = 2048;

    private const int LongestKey = 1023;
    private const SessionActions Known = SessionActions.Upload | SessionActions.Get;

    private static readonly SearchValues<char> Ambiguous = SearchValues.Create("*?\"'`\\$<>{}[]|^");
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SessionPolicy(string bucket, string target, SessionActions actions, string json) =>
        (Bucket, Target, Actions, Json) = (bucket, target, actions, json);

    public string Bucket { get; }

    /// <summary>The key, or the folder with its slash at the end.</summary>
    public string Target { get; }

    public SessionActions Actions { get; }

    /// <summary>The policy as STS reads it.</summary>
    public string Json { get; }

    /// <summary>For every key that begins so.</summary>
    /// <param name="prefix">A folder: at least one segment, a slash at its end. Without that slash <c>user1</c> would reach what belongs to
    /// <c>user10</c>.</param>
    public static bool TryForPrefix(string bucket, string prefix, SessionActions actions, [NotNullWhen(true)] out SessionPolicy? policy)
    {
        policy = prefix.EndsWith('/') ? Make(bucket, prefix, "*", actions) : null;
        return policy is not null;
    }

    /// <summary>For one object alone.</summary>
    public static bool TryForKey(string bucket, string key, SessionActions actions, [NotNullWhen(true)] out SessionPolicy? policy)
    {
        policy = key.EndsWith('/') ? null : Make(bucket, key, "", actions);
        return policy is not null;
    }

    /// <summary>As <see cref="TryForPrefix"/>.</summary>
    /// <exception cref="StsException"><see cref="StsError.StsScopeInvalid"/>.</exception>
    public static SessionPolicy ForPrefix(string bucket, string prefix, SessionActions actions) =>
        TryForPrefix(bucket, prefix, actions, out var policy) ? policy : throw Invalid("prefix");

    /// <summary>As <see cref="TryForKey"/>.</summary>
    /// <exception cref="StsException"><see cref="StsError.StsScopeInvalid"/>.</exception>
    public static SessionPolicy ForKey(string bucket, string key, SessionActions actions) =>
        TryForKey(bucket, key, actions, out var policy) ? policy : throw Invalid("key");

    public override string ToString() => $"{Actions} in {Bucket}: {Target}";

    private static StsException Invalid(string what) =>
        new(StsError.StsScopeInvalid, $"No session policy can be limited to exactly this bucket and {what}.");

    private static SessionPolicy? Make(string bucket, string target, string wildcard, SessionActions actions)
    {
        if (!OssOptionsValidator.IsBucketName(bucket) || !IsPlain(target) || actions == SessionActions.None || (actions & ~Known) != SessionActions.None)
            return null;

        var json = Write($"acs:oss:*:*:{bucket}/{target}{wildcard}", actions);
        return json.Length <= MostLetters ? new SessionPolicy(bucket, target, actions, json) : null;
    }

    private static bool IsPlain(string target)
    {
        if (target.Length is 0 or > LongestKey || target[0] == '/' || target.AsSpan().ContainsAny(Ambiguous))
            return false;

        // Separators of lines count as control characters to some readers of JSON.
        if (target.Any(letter => char.IsControl(letter) || letter is '\u2028' or '\u2029'))
            return false;

        var segments = target.TrimEnd('/').Split('/');
        if (target.EndsWith("//", StringComparison.Ordinal) || Array.Exists(segments, segment => segment is "" or "." or ".."))
            return false;

        try
        {
            return StrictUtf8.GetByteCount(target) <= LongestKey;
        }
        catch (EncoderFallbackException)
        {
            // Half a surrogate pair.
            return false;
        }
    }

    private static string Write(string resource, SessionActions actions)
    {
        var bytes = new ArrayBufferWriter<byte>();

        // Letters stay as they are: six characters for a Chinese one would cost a third of the policy's length.
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("Version", "1");
            json.WriteStartArray("Statement");
            json.WriteStartObject();
            json.WriteString("Effect", "Allow");
            json.WriteStartArray("Action");
            foreach (var (action, name) in new[]
            {
                (SessionActions.Put, "oss:PutObject"),
                (SessionActions.AbortParts, "oss:AbortMultipartUpload"),
                (SessionActions.ListParts, "oss:ListParts"),
                (SessionActions.Get, "oss:GetObject"),
            })
            {
                if (actions.HasFlag(action))
                    json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteStartArray("Resource");
            json.WriteStringValue(resource);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
