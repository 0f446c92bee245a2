using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Policies;

/// <summary>A resource as policies name it: <c>acs:{service}:{region}:{account}:{relative}</c>.</summary>
internal sealed record ResourceName(string Service, string Region, string Account, string Relative);

/// <summary>What somebody wants to do, in the words of RAM.</summary>
/// <param name="Conditions">Values of condition keys; a key that is absent meets no condition.</param>
internal sealed record PolicyRequest(string Action, ResourceName Resource, IReadOnlyDictionary<string, string> Conditions)
{
    private static readonly Dictionary<string, string> Unconditional = [];

    /// <summary>Null for an operation that no RAM action stands for: nobody can be allowed it.</summary>
    public static PolicyRequest? Of(OssOperation operation, string? bucket, string? key, QueryParameters query, string region, string account)
    {
        if (ActionOf(operation) is not { } action)
            return null;

        var relative = key is null ? bucket ?? "" : $"{bucket}/{key}";
        return new(action, new("oss", region, account, relative), IsListing(operation) ? Listing(query) : Unconditional);
    }

    public static PolicyRequest ToAssume(string account, string roleName) =>
        new("sts:AssumeRole", new("ram", "", account, "role/" + roleName), Unconditional);

    // RAM actions of the OSS API. The key of a copy's source is asked for separately, as a read.
    private static string? ActionOf(OssOperation operation) => operation switch
    {
        OssOperation.ListBuckets => "oss:ListBuckets",
        OssOperation.PutBucket => "oss:PutBucket",
        OssOperation.DeleteBucket => "oss:DeleteBucket",
        OssOperation.GetBucketInfo => "oss:GetBucketInfo",
        OssOperation.GetBucketLocation => "oss:GetBucketLocation",
        OssOperation.ListObjects or OssOperation.ListObjectsV2 => "oss:ListObjects",
        OssOperation.ListMultipartUploads => "oss:ListMultipartUploads",
        OssOperation.GetObject or OssOperation.HeadObject or OssOperation.GetObjectMeta or OssOperation.ProcessObject => "oss:GetObject",
        OssOperation.PostProcessObject => "oss:PostProcessTask",
        OssOperation.PostObject or OssOperation.PutObject or OssOperation.CopyObject or OssOperation.InitiateMultipartUpload or OssOperation.UploadPart
            or OssOperation.UploadPartCopy or OssOperation.CompleteMultipartUpload => "oss:PutObject",
        OssOperation.DeleteObject or OssOperation.DeleteMultipleObjects => "oss:DeleteObject",
        OssOperation.AbortMultipartUpload => "oss:AbortMultipartUpload",
        OssOperation.ListParts => "oss:ListParts",
        _ => null,
    };

    private static bool IsListing(OssOperation operation) => operation is OssOperation.ListObjects or OssOperation.ListObjectsV2;

    // A listing without a prefix has the empty one: the official samples allow "" to let the root be listed (E35).
    private static Dictionary<string, string> Listing(QueryParameters query) => new(StringComparer.Ordinal)
    {
        [PolicyCondition.Prefix] = query["prefix"] ?? "",
        [PolicyCondition.Delimiter] = query["delimiter"] ?? "",
    };
}
