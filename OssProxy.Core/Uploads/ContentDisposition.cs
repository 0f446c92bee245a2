using System.Text;
using OssProxy.Core.FileTypes;

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

        var encoded = new StringBuilder("attachment; filename*=UTF-8''");
        foreach (var b in Encoding.UTF8.GetBytes(name.Value))
        {
            // attr-char of RFC 8187, less the marks that nobody needs: anything else is escaped, CR, LF and quotes included.
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                encoded.Append((char)b);
            else
                encoded.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }
}
