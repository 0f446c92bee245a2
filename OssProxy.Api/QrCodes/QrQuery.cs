using System.Globalization;
using OssProxy.Api.Envelope;
using OssProxy.Core.QrCodes;
using OssProxy.Core.Storage;

namespace OssProxy.Api.QrCodes;

/// <summary>A QR code as an address asks for it.</summary>
/// <param name="IsSvg">Whether it is to be an SVG.</param>
/// <param name="Logo">The picture in its middle; null for none.</param>
internal sealed record QrQuery(QrRequest Code, bool IsSvg, ObjectKey? Logo)
{
    // A name or an address of a page; what is too long for a code in the end, the code itself refuses.
    private const int LongestField = 500;

    /// <summary>Reads <c>text</c>, or what makes the code of a chat.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.RequestInvalid"/>, saying which parameter.</exception>
    public static QrQuery Of(IQueryCollection query) =>
        Of(query, query.ContainsKey("id") && !query.ContainsKey("text") ? ChatText(query, Text(query, "id")) : Text(query, "text"));

    /// <summary>Reads what makes the code of a chat, whose id the route has told.</summary>
    /// <exception cref="ApiException">Likewise.</exception>
    public static QrQuery OfChat(IQueryCollection query, string id) => Of(query, ChatText(query, id));

    private static QrQuery Of(IQueryCollection query, string text)
    {
        if (text.Length == 0)
            throw Invalid("text 不能为空");
        var logo = Text(query, "logo");
        ObjectKey? key = null;
        if (logo.Length > 0 && !ObjectKey.TryParse(logo, out key))
            throw Invalid("logo 必须是一个对象的路径（path）");

        var level = Text(query, "level").ToUpperInvariant() switch
        {
            "L" => QrLevel.Low,
            "" or "M" => QrLevel.Medium,
            "Q" => QrLevel.Quartile,
            "H" => QrLevel.High,
            _ => throw Invalid("level 只能是 L、M、Q 或 H"),
        };
        var isSvg = Text(query, "format").ToUpperInvariant() switch
        {
            "" or "PNG" => false,
            "SVG" => true,
            _ => throw Invalid("format 只能是 png 或 svg"),
        };
        var code = new QrRequest(text)
        {
            Level = key is not null && level < QrLevel.Quartile ? QrLevel.Quartile : level,
            Size = Number(query, "size", QrRequest.MinSize, QrRequest.MaxSize),
            Module = Number(query, "module", 1, QrRequest.MaxModule) ?? 10,
            Margin = Number(query, "margin", 0, QrRequest.MaxMargin) ?? 4,
        };
        return new QrQuery(code, isSvg, key);
    }

    private static string ChatText(IQueryCollection query, string id)
    {
        var chat = new ChatCode(Short("id", id)) { Name = Short("name", Text(query, "name")) };
        var type = Text(query, "chatType");
        if (type is not ("" or "group" or "single"))
            throw Invalid("chatType 只能是 group 或 single");

        // The chat server's rule: without an address there is nothing for a browser to open.
        if (Text(query, "type") != "H5" || Text(query, "http") is not { Length: > 0 } http)
            return chat.Text();
        // An address of a page, and no script.
        if (!Uri.TryCreate(http, UriKind.Absolute, out var page) || page.Scheme is not ("http" or "https"))
            throw Invalid("http 必须是完整的 http(s) 地址");
        chat = chat with { Http = Short("http", http), IsSingle = type == "single", Avatar = Short("avatar", Text(query, "avatar")) };
        if (Text(query, "title") is { Length: > 0 } title)
            chat = chat with { Title = Short("title", title) };
        if (Text(query, "action") is { Length: > 0 } action)
            chat = chat with { Action = action.All(char.IsAsciiLetterOrDigit) ? Short("action", action) : throw Invalid("action 只能由字母和数字组成") };
        return chat.Text();
    }

    private static string Text(IQueryCollection query, string name) => query[name] is [{ } first, ..] ? first : "";

    private static string Short(string name, string text) =>
        text.Length <= LongestField ? text : throw Invalid($"{name} 最多 {LongestField} 个字符");

    private static int? Number(IQueryCollection query, string name, int least, int most)
    {
        if (Text(query, name) is not { Length: > 0 } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number : throw Invalid($"{name} 必须在 {least} 到 {most} 之间");
    }

    private static ApiException Invalid(string text) => new(ApiError.RequestInvalid) { Text = text };
}
