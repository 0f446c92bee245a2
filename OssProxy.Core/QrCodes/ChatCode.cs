using System.Text.Encodings.Web;
using System.Text.Json;

namespace OssProxy.Core.QrCodes;

/// <summary>
/// What the codes of chats say, as the clients of the chat server read it: the address of a page where a browser is to open it, otherwise a
/// short JSON text that the mini-program or the app reads itself. Name and title are the caller's: chats are not kept here.
/// </summary>
public sealed record ChatCode(string Id)
{
    private const string Page = "#/pages/setpageInfo/setpageInfo";

    // As JSON.stringify writes it.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The name of the group or the user; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>The title of the page.</summary>
    public string Title { get; init; } = "群介绍";

    /// <summary>The address of the page before its <c>#</c>; null for the JSON text.</summary>
    public string? Http { get; init; }

    /// <summary>Whether it leads to a user instead of a group.</summary>
    public bool IsSingle { get; init; }

    /// <summary>What the page is to do; null for what pages of groups do.</summary>
    public string? Action { get; init; }

    /// <summary>The address of the user's picture; may be empty.</summary>
    public string Avatar { get; init; } = "";

    /// <summary>The content. The name stands in the address as it is: clients have always got it so.</summary>
    public string Text() => Http is null
        ? $$"""{"id":{{(IsNumber ? Id : JsonSerializer.Serialize(Id, Plain))}},"name":{{JsonSerializer.Serialize(Name, Plain)}}}"""
        : $"{Http}{Page}?action={Action ?? "autoAddGroup"}&title={Encoded(Title)}&id={Encoded(Id)}&chatType={(IsSingle ? "single" : "group")}"
            + $"&name={Name}{(Avatar.Length > 0 ? "&avatar=" + Encoded(Avatar) : "")}";

    private bool IsNumber => Id.Length is > 0 and < 16 && Id.All(char.IsAsciiDigit) && (Id.Length == 1 || Id[0] != '0');

    // What encodeURIComponent leaves as it is and RFC 3986 does not.
    private static string Encoded(string text) => Uri.EscapeDataString(text)
        .Replace("%21", "!", StringComparison.Ordinal).Replace("%27", "'", StringComparison.Ordinal).Replace("%28", "(", StringComparison.Ordinal)
        .Replace("%29", ")", StringComparison.Ordinal).Replace("%2A", "*", StringComparison.Ordinal);
}
