using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>One file that may come, and what is to be kept beside it.</summary>
internal sealed record GrantedFile(ObjectKey Key, string Url, FileType Type, string? Disposition)
{
    /// <exception cref="UploadException"><see cref="UploadError.TypeNotAllowed"/>.</exception>
    public static GrantedFile Of(UploadPolicy policy, GrantRequest request)
    {
        var type = GrantTerms.TypeOf(policy, request);
        var key = policy.Name(policy.Folder, type.ExtensionFor(request.Name?.Extension));
        return new GrantedFile(key, policy.Store.Links.For(key), type, ContentDisposition.For(type, request.Name, policy.AsAttachment, policy.KeepName));
    }

    /// <summary>What a put has to send.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers()
    {
        var headers = new List<KeyValuePair<string, string>>
        {
            KeyValuePair.Create("Content-Type", Type.MediaType),
            KeyValuePair.Create("x-oss-forbid-overwrite", "true"),
        };
        if (Disposition is not null)
            headers.Add(KeyValuePair.Create("Content-Disposition", Disposition));
        return headers;
    }
}
