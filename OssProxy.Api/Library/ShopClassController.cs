using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>The classes, for the console of the shop: a tree of those that are enabled, and results in words.</summary>
[ApiController]
[Route("/shop/admin/imageclass")]
[Route("/api/shop/admin/imageclass")]
[Route("/shop/admin/image_class")]
[Route("/api/shop/admin/image_class")]
[ShopDoor]
public sealed class ShopClassController(LibraryDesk desk) : ClassController(desk)
{
    private const int ShortestName = 2;

    // Always from the first: these consoles draw the whole tree, whatever page they name.
    [HttpGet("{page}")]
    public async Task<Reply> TreeAsync()
    {
        var enabled = (await Desk.Classes.AllAsync(Left)).Where(one => one.Enabled);
        var limit = ConsoleQuery.Limit(HttpContext, ConsoleQuery.MostClasses, ConsoleQuery.MostClasses);
        var shown = new ClassTree(enabled).Flat().Take(limit).Select(one => one.Class);
        return Reply.Ok(new ClassTree(shown).Nested((one, level) => ClassRow.OfShop(one, Desk.Clock) with { Level = level }));
    }

    [HttpPost("")]
    [Says(nameof(RecordsError.ClassNameTaken), "同一个分类下不能有相同的分类名称")]
    public async Task<Reply> CreateAsync()
    {
        var classes = Desk.Classes;
        await classes.CreateAsync(Draft(await Desk.FieldsAsync(HttpContext), ShortestName, isNamed: true), Left);
        return Reply.Ok("创建图片分类成功");
    }

    [HttpPost("{id:long}")]
    [Says(nameof(RecordsError.ClassNotFound), "该记录不存在")]
    public async Task<Reply> UpdateAsync()
    {
        var classes = Desk.Classes;
        var draft = Draft(await Desk.FieldsAsync(HttpContext), ShortestName, isNamed: true);
        await classes.UpdateAsync(ConsoleQuery.Id(HttpContext), draft, Left);
        return Reply.Ok("修改图片分类成功");
    }

    [HttpPost("{id:long}/update_status")]
    [Says(nameof(RecordsError.ClassNotFound), "数据不存在")]
    public async Task<Reply> UpdateStatusAsync()
    {
        await ChangeStatusAsync();
        return Reply.Ok("修改状态成功");
    }
}
