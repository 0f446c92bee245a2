using OssProxy.Api.Envelope;
using OssProxy.Core.FileTypes;

namespace OssProxy.Api.Library;

/// <summary>A URL that may be registered as an image: one that a browser takes for what it says, on whatever page it stands.</summary>
internal sealed record ImageLink
{
    /// <summary>The longest, in characters.</summary>
    public const int MaxLength = 1000;

    // What ends an attribute or a tag of the page that shows the URL; no URL holds them but as escapes (RFC 3986, appendix C).
    private const string Breaking = "\"'`<>";

    private const string UnknownType = "application/octet-stream";

    private ImageLink(string url, FileType? type)
    {
        Url = url;
        Type = type;
    }

    /// <summary>As it was sent.</summary>
    public string Url { get; }

    /// <summary>What its extension says; null when it has none.</summary>
    public FileType? Type { get; }

    public string MediaType => Type?.MediaType ?? UnknownType;

    /// <summary>Reads a URL: http(s), or one slash and a path.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>: it is neither, or its extension is none of a type that may be
    /// stored: pages, scripts and SVG would run where they are shown.</exception>
    public static ImageLink Parse(string text)
    {
        if (text.AsSpan().IndexOfAny(Breaking) >= 0)
            throw Fields.Invalid("url 里的引号和尖括号必须写成百分号转义");

        // Browsers read a backslash as a slash, and leave out what they take for blanks.
        if (text.Any(c => c == '\\' || char.IsWhiteSpace(c)) || PathOf(text) is not { } path)
            throw Fields.Invalid("url 必须是 http(s) 地址，或以单个 / 开头的路径");

        var extension = ExtensionOf(path);
        if (extension is null)
            return new ImageLink(text, type: null);
        return FileTypeCatalog.All.FirstOrDefault(type => type.Extensions.Contains(extension)) is { } known
            ? new ImageLink(text, known)
            : throw Fields.Invalid($"url 的文件类型 {extension} 不支持");
    }

    private static string? PathOf(string text)
    {
        if (text.StartsWith('/'))
            return text.StartsWith("//", StringComparison.Ordinal) ? null : text.Split('?', '#')[0];
        if (!text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Host.Length: > 0, UserInfo.Length: 0 } && !HasUser(text)
            ? url.AbsolutePath
            : null;
    }

    // An empty user is still one: it hides the host from who reads it.
    private static bool HasUser(string text)
    {
        var start = text.IndexOf("//", StringComparison.Ordinal) + 2;
        var end = text.AsSpan(start).IndexOfAny('/', '?', '#');
        return text.AsSpan(start, end < 0 ? text.Length - start : end).Contains('@');
    }

    // A style of the store's may follow (photo.jpg!small), and letters may be hidden behind escapes.
    private static string? ExtensionOf(string path)
    {
        var name = Uri.UnescapeDataString(path).TrimEnd('/', '.', ';');
        name = name[(name.LastIndexOf('/') + 1)..];
        var dot = name.LastIndexOf('.');
        if (dot < 0)
            return null;
        var letters = new string([.. name.Skip(dot + 1).TakeWhile(char.IsAsciiLetterOrDigit)]);
        return letters.Length == 0 ? null : "." + letters.ToLowerInvariant();
    }
}
