using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Uploads;

/// <summary>The <c>Content-Disposition</c> stored with an object, pure ASCII (RFC 6266, RFC 8187).</summary>
public static class ContentDisposition
{
    /// <summary>Null for what a browser may show in place; otherwise an attachment under its original name, so that no document ever
    /// runs in the bucket's origin.</summary>
    /// <param name="always">Whether everything is an attachment.</param>
    /// <param name="keepName">Whether what is shown in place has its original name, too, for whoever saves it.</param>
    public static string? For(FileType type, OriginalName? name, bool always, bool keepName)
    {
        var attached = always || !type.Inline;
        if (!attached && (!keepName || name is null))
            return null;

        var disposition = attached ? "attachment" : "inline";
        // attr-char of RFC 8187, less the marks that nobody needs: anything else is escaped, CR, LF and quotes included.
        return name is null ? disposition : $"{disposition}; filename*=UTF-8''{PercentEncoding.Encode(name.Value, keepSlash: false)}";
    }
}
