using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Images;
using OssProxy.Core.Records;

namespace OssProxy.Api.Images;

/// <summary>The styles, for the consoles under <c>/admin</c>. Those of the configuration are shown with the others and changed only
/// there.</summary>
[ApiController]
[Route("/admin/image_style")]
[Route("/api/admin/image_style")]
[ConsoleDoor]
public sealed class StyleController(ImageStyles styles, LibraryDesk desk) : ControllerBase
{
    private const int LongestContent = ProcessString.MaxBytes;

    private CancellationToken Left => HttpContext.RequestAborted;

    private string Name => (string)RouteData.Values["name"]!;

    [HttpGet("")]
    public async Task<Reply> ListAsync() => Reply.Ok((await styles.AllAsync(Left)).Select(Row));

    [HttpGet("{name}")]
    public async Task<Reply> GetAsync() =>
        Reply.Ok(Row((await styles.AllAsync(Left)).FirstOrDefault(style => style.Name.Value == Name) ?? throw ImageFaults.NoStyle()));

    [HttpPut("{name}")]
    [HttpPost("{name}")]
    public async Task<Reply> PutAsync()
    {
        RequireChangeable();
        var fields = await desk.FieldsAsync(HttpContext);
        var content = Fields.Required("content", fields.Line("content", 1, LongestContent));
        if (!ImageStyle.TryParse(Name, content, fields.Line("accept", 0, 20) ?? "", out var style, out var fault))
            throw Fields.Invalid(fault);

        var put = await styles.PutAsync(style, Left);
        if (put == StylePut.TooMany)
            throw Fields.Invalid("样式太多：请删除不用的样式，或调高 Images:MaxStyles");
        if (put != StylePut.Unchanged)
            await desk.NoteAsync(HttpContext, "style.put", Subject, $"{style.Content} {style.AcceptText}".TrimEnd());
        return await GetAsync();
    }

    [HttpDelete("{name}")]
    [HttpPost("{name}/delete")]
    public async Task<Reply> DeleteAsync()
    {
        RequireChangeable();
        if (!StyleName.TryParse(Name, out var name) || !await styles.RemoveAsync(name, Left))
            throw ImageFaults.NoStyle();
        await desk.NoteAsync(HttpContext, "style.delete", Subject);
        return Reply.Ok(true);
    }

    private string Subject => "style:" + Name;

    private void RequireChangeable()
    {
        if (!styles.CanChange)
            throw new ApiException(ApiError.RecordsOff) { Text = "没有启用数据库（Records:Provider=none），样式只能写在配置 Images:Styles 里" };
        if (styles.IsConfigured(Name))
            throw Fields.Invalid($"样式 {Name} 写在服务器的配置里，请在那里修改");
    }

    private StyleView Row(ImageStyle style) => new(
        style.Name.Value,
        style.Content,
        style.AcceptText,
        style.IsConfigured ? "config" : "database",
        style.CreatedAt is { } created ? desk.Clock.Local(created) : "",
        style.UpdatedAt is { } updated ? desk.Clock.Local(updated) : "");

    internal sealed record StyleView(
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("content")] string Content,
        [property: JsonPropertyName("accept")] string Accept,
        [property: JsonPropertyName("source")] string Source,
        [property: JsonPropertyName("create_time")] string CreateTime,
        [property: JsonPropertyName("update_time")] string UpdateTime);
}
