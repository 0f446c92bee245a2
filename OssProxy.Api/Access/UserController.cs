using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>The users of mini-programs, for the consoles under <c>/admin</c>: the newest first.</summary>
/// <param name="users">Null where no records are kept.</param>
[ApiController]
[Route("/admin/user")]
[Route("/api/admin/user")]
[ConsoleDoor]
[Says(nameof(ApiError.RecordsOff), "没有启用上传记录（Records:Provider=none），没有用户")]
public sealed class UserController(LibraryDesk desk, AuditTrail audit, AppUsers? users = null) : ControllerBase
{
    private const int MostUsers = 100;

    private AppUsers Users => users ?? throw new ApiException(ApiError.RecordsOff);

    [HttpGet("{page}")]
    public async Task<Reply> ListAsync()
    {
        var limit = ConsoleQuery.Limit(HttpContext, ConsoleQuery.PageSize, MostUsers);
        var (page, total) = await Users.ListAsync(ConsoleQuery.Page(HttpContext), limit, HttpContext.RequestAborted);
        return Reply.Ok(new List([.. page.Select(Of)], total));
    }

    [HttpPost("{id:long}/update_status")]
    public async Task<Reply> UpdateStatusAsync()
    {
        var known = Users;
        var enabled = Fields.Required("status", (await desk.FieldsAsync(HttpContext)).Flag("status"));
        var (id, entry) = (ConsoleQuery.Id(HttpContext), Entry.Of(HttpContext));
        if (await known.SetStatusAsync(id, enabled, HttpContext.RequestAborted))
            await audit.WriteAsync(entry.Deed(enabled ? "user.enable" : "user.disable", Caller.User(id, "").Owner));
        return Reply.Ok(true);
    }

    private Row Of(AppUser user) =>
        new(user.Id, user.Name, user.IsDisabled ? 0 : 1, desk.Clock.Local(user.CreatedAt), user.Providers);

    private sealed record List(
        [property: JsonPropertyName("list")] IReadOnlyList<Row> Users,
        [property: JsonPropertyName("totalCount")] long TotalCount);

    private sealed record Row(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("status")] int Status,
        [property: JsonPropertyName("create_time")] string CreateTime,
        [property: JsonPropertyName("providers")] IReadOnlyList<string> Providers);
}
