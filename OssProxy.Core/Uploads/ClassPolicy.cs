using System.Text.Json;
using System.Text.Json.Serialization;

namespace OssProxy.Core.Uploads;

/// <summary>
/// What a class says of the uploads into it. A value that is null is inherited from the class above it, in the end from the deployment's
/// configuration (section <c>Uploads</c>). Kept and sent as JSON under the names below; unknown names are refused, so that a misspelled limit
/// is not taken for one that holds.
/// </summary>
public sealed record ClassPolicy
{
    /// <summary>A policy that inherits everything.</summary>
    public static ClassPolicy Empty { get; } = new();

    /// <summary>Largest file in bytes, 1 to 5 TB.</summary>
    [JsonPropertyName("max_file_bytes")]
    public long? MaxFileBytes { get; init; }

    /// <summary>The types that may be stored, by the names of <see cref="FileTypes.FileTypeCatalog"/>; never an empty list.</summary>
    [JsonPropertyName("types")]
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>What the keys begin with, as <c>Uploads:Prefix</c>; of no meaning for the local doors, whose routes name the folder.</summary>
    [JsonPropertyName("prefix")]
    public string? Prefix { get; init; }

    /// <summary><c>auto</c>: in place what a browser may show safely, anything else as a download; <c>attachment</c>: everything as a
    /// download.</summary>
    [JsonPropertyName("disposition")]
    public string? Disposition { get; init; }

    /// <summary><c>auto</c>, <c>stream</c>, <c>temp</c> or <c>parts</c>; a request that asks for another one with <c>?mode=</c> gets that.</summary>
    [JsonPropertyName("transfer")]
    public string? Transfer { get; init; }

    /// <summary>Most files of one owner in one class and day, 1 or more.</summary>
    [JsonPropertyName("files_per_day")]
    public long? FilesPerDay { get; init; }

    /// <summary>Most bytes of one owner in one class and day, 1 or more.</summary>
    [JsonPropertyName("bytes_per_day")]
    public long? BytesPerDay { get; init; }

    /// <summary>Whether the client's file name becomes the name of the image and of its download. Never a part of the key.</summary>
    [JsonPropertyName("keep_name")]
    public bool? KeepName { get; init; }

    /// <summary>How long a deleted image can be restored, in seconds; 0 to 365 days. Then its object is removed.</summary>
    [JsonPropertyName("retention")]
    public long? RetentionSeconds { get; init; }

    /// <summary>Whether clients without the admin key may upload into the class.</summary>
    [JsonPropertyName("clients")]
    public bool? Clients { get; init; }

    /// <summary>Whether the SHA-256 of each file is computed and recorded.</summary>
    [JsonPropertyName("sha256")]
    public bool? Sha256 { get; init; }

    /// <summary>What is done to pictures before they are stored, in the words of <c>x-oss-process</c>: <c>image/resize,l_2000</c>. Empty for
    /// nothing, where a class above it does something.</summary>
    [JsonPropertyName("image_process")]
    public string? ImageProcess { get; init; }

    /// <summary>Whether HEIC pictures are stored as JPEG.</summary>
    [JsonPropertyName("heic_to_jpeg")]
    public bool? HeicToJpeg { get; init; }

    /// <summary>Whether the main colour of pictures is recorded.</summary>
    [JsonPropertyName("main_color")]
    public bool? MainColor { get; init; }

    /// <summary>How long one request may take in all, in seconds; 1 second to 7 days.</summary>
    [JsonPropertyName("time_budget")]
    public long? TimeBudgetSeconds { get; init; }

    /// <summary>Whether everything that is kept was understood; a limit may be missing otherwise.</summary>
    [JsonIgnore]
    public bool IsWhole { get; private init; } = true;

    /// <summary>What holds when this policy stands below another one.</summary>
    public ClassPolicy Over(ClassPolicy above) => new()
    {
        IsWhole = IsWhole && above.IsWhole,
        MaxFileBytes = MaxFileBytes ?? above.MaxFileBytes,
        Types = Types ?? above.Types,
        Prefix = Prefix ?? above.Prefix,
        Disposition = Disposition ?? above.Disposition,
        Transfer = Transfer ?? above.Transfer,
        FilesPerDay = FilesPerDay ?? above.FilesPerDay,
        BytesPerDay = BytesPerDay ?? above.BytesPerDay,
        KeepName = KeepName ?? above.KeepName,
        RetentionSeconds = RetentionSeconds ?? above.RetentionSeconds,
        Clients = Clients ?? above.Clients,
        Sha256 = Sha256 ?? above.Sha256,
        ImageProcess = ImageProcess ?? above.ImageProcess,
        HeicToJpeg = HeicToJpeg ?? above.HeicToJpeg,
        MainColor = MainColor ?? above.MainColor,
        TimeBudgetSeconds = TimeBudgetSeconds ?? above.TimeBudgetSeconds,
    };

    /// <summary>Reads a policy and checks every value.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.PolicyInvalid"/>; <see cref="UploadException.Detail"/> names the value in
    /// Chinese.</exception>
    public static ClassPolicy Parse(string json)
    {
        ClassPolicy? policy;
        try
        {
            policy = JsonSerializer.Deserialize(json, ClassPolicyJson.Default.ClassPolicy);
        }
        catch (JsonException failure)
        {
            var path = failure.Path?.TrimStart('$').Trim('.', '[', ']', '\'') ?? "";
            throw Invalid(path.Length > 0 ? $"{path} 不是可用的字段，或值的类型不对" : "不是有效的 JSON 对象", failure);
        }

        if (policy is null)
            throw Invalid("不是有效的 JSON 对象", inner: null);
        if (ClassPolicyRules.FaultOf(policy) is { } fault)
            throw Invalid(fault, inner: null);
        return policy;
    }

    /// <summary>Reads a policy that is kept, as far as it can be understood: it may be a newer program's, on another node of the same deployment.
    /// Whoever accepts something by it must look at <see cref="IsWhole"/>.</summary>
    public static ClassPolicy ParseKept(string json)
    {
        try
        {
            return Parse(json);
        }
        catch (UploadException)
        {
            return Lenient(json) with { IsWhole = false };
        }
    }

    /// <summary>The policy as it is kept.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ClassPolicyJson.Default.ClassPolicy);

    private static ClassPolicy Lenient(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, KeptClassPolicyJson.Default.ClassPolicy) ?? Empty;
        }
        catch (JsonException)
        {
            return Empty;
        }
    }

    private static UploadException Invalid(string detail, Exception? inner) =>
        new(UploadError.PolicyInvalid, "A class's policy cannot be used.", inner) { Detail = detail };
}

[JsonSourceGenerationOptions(
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClassPolicy))]
internal sealed partial class ClassPolicyJson : JsonSerializerContext;

[JsonSerializable(typeof(ClassPolicy))]
internal sealed partial class KeptClassPolicyJson : JsonSerializerContext;
