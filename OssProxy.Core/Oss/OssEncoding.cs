using System.Text;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>How names and values stand in a URL of OSS, and in what it signs.</summary>
internal static class OssEncoding
{
    /// <summary>The name or value of a query parameter: a slash is escaped too.</summary>
    public static string Query(string text) => PercentEncoding.Encode(text, keepSlash: false);

    /// <summary>An object key in a path: slashes stay.</summary>
    public static string Path(string text) => PercentEncoding.Encode(text, keepSlash: true);

    /// <summary>Undoes <c>encoding-type=url</c>. Official clients read a plus as a space (aliyun-oss-csharp-sdk, form rules), so the
    /// service cannot send a bare one that means itself (docs/oss-assumptions.md A11).</summary>
    public static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    /// <summary>A query in the order given: <c>name=value</c>, or <c>name</c> alone when the value is empty.</summary>
    public static string Query(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            if (text.Length > 0)
                text.Append('&');

            text.Append(Query(name));
            if (value.Length > 0)
                text.Append('=').Append(Query(value));
        }

        return text.ToString();
    }
}
