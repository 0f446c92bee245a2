using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Uploads;

/// <summary>The <c>Content-Disposition</c> stored with an object, pure ASCII (RFC 6266, RFC 8187).</summary>
public static class ContentDisposition
{
    /// <summary>Null for what a browser may show in place; otherwise an attachment under its original name, so that no document ever
    /// runs in the bucket's origin.</summary>
    public static string? For(FileType type, OriginalName? name)
    {
        if (type.Inline)
            return null;
        if (name is null)
            return "attachment";

        // attr-char of RFC 8187, less the marks that nobody needs: anything else is escaped, CR, LF and quotes included.
        return "attachment; filename*=UTF-8''" + PercentEncoding.Encode(name.Value, keepSlash: false);
    }
}
