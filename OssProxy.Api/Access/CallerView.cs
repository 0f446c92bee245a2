using System.Text.Json.Serialization;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>A caller as clients see it.</summary>
/// <param name="Id">Whose files are this caller's, as records name it.</param>
/// <param name="Kind"><c>guest</c>, <c>user</c>, <c>admin</c> or <c>machine</c>.</param>
/// <param name="Role">The same in the words of the chat clients: <c>visitor</c> for guests.</param>
/// <param name="Session">The session of the token; null for other tokens.</param>
/// <param name="Rights">What an API key opens; null for other tokens.</param>
/// <param name="Classes">The only classes that an API key may upload into; null for all.</param>
internal sealed record CallerView(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("session")] SessionView? Session,
    [property: JsonPropertyName("rights")] IReadOnlyList<string>? Rights,
    [property: JsonPropertyName("classes")] IReadOnlyList<long>? Classes)
{
    public static CallerView Of(Caller caller)
    {
        var kind = caller.Kind switch
        {
            CallerKind.User => "user",
            CallerKind.Admin => "admin",
            CallerKind.Machine => "machine",
            _ => "guest",
        };
        return new CallerView(
            caller.Owner, kind, caller.Kind == CallerKind.Guest ? "visitor" : kind, caller.Name,
            caller.Session is { } session ? SessionView.Of(session, session.Id) : null,
            caller.Scope is { } scope ? [.. ApiKeys.Rights.Where(right => scope.Rights.Contains(right.Value)).Select(right => right.Key)] : null,
            caller.Scope is { Classes.Count: > 0 } classes ? [.. classes.Classes.Order()] : null);
    }
}

/// <summary>A session as its owner sees it. Times are those of a Date that became JSON.</summary>
/// <param name="IsCurrent">Whether it is the one that asks.</param>
internal sealed record SessionView(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("device")] string Device,
    [property: JsonPropertyName("created_at")] string CreatedAt,
    [property: JsonPropertyName("used_at")] string UsedAt,
    [property: JsonPropertyName("expires_at")] string ExpiresAt,
    [property: JsonPropertyName("current")] bool IsCurrent)
{
    public static SessionView Of(SessionInfo session, long current) => new(
        session.Id, session.Device, ConsoleClock.Utc(session.CreatedAt), ConsoleClock.Utc(session.UsedAt), ConsoleClock.Utc(session.ExpiresAt),
        session.Id == current);
}
