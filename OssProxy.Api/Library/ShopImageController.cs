using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>The images, for the console of the shop: by their order, of enabled classes, and results in words.</summary>
[ApiController]
[Route("/shop/admin")]
[Route("/api/shop/admin")]
[ShopDoor]
public sealed class ShopImageController(LibraryDesk desk) : ImageController(desk)
{
    private const int ShortestName = 2;
    private const int DefaultOrder = 50;

    [HttpGet("imageclass/{id:long}/image/{page}")]
    [HttpGet("image_class/{id:long}/image/{page}")]
    [Says(nameof(RecordsError.ClassNotFound), "该图片分类不存在或已禁用")]
    public async Task<Reply> ListAsync()
    {
        var one = await Desk.EnabledClassAsync(ConsoleQuery.Id(HttpContext), Left);
        var query = new ImageQuery
        {
            ClassId = one.Id,
            Keyword = ConsoleQuery.Text(HttpContext, "keyword"),
            ByOrder = true,
            Descending = ConsoleQuery.Descending(HttpContext, otherwise: false),
        };
        var limit = ConsoleQuery.Limit(HttpContext, ConsoleQuery.PageSize, ConsoleQuery.MostImages);
        var page = await Desk.Images.ListAsync(query, ConsoleQuery.Page(HttpContext), limit, Left);
        var row = ClassRow.OfShop(one, Desk.Clock);
        return Reply.Ok(new ImageList<ShopImage>([.. page.Images.Select(image => ShopImage.Of(image, row))], page.Total));
    }

    [HttpPost("image/{id:long}")]
    [Says(nameof(RecordsError.ClassNotFound), NoSuchTarget)]
    public async Task<Reply> UpdateAsync()
    {
        _ = Desk.Images;
        var edit = Edit(await Desk.FieldsAsync(HttpContext), ShortestName, leastClass: 1);
        Fields.Required("name", edit.Name);
        await Desk.EditAsync(ConsoleQuery.Id(HttpContext), edit, Left);
        return Reply.Ok("修改图片成功");
    }

    [HttpPost("image/{id:long}/delete")]
    [HttpDelete("image/{id:long}")]
    public async Task<Reply> DeleteAsync()
    {
        await DeleteOneAsync();
        return Reply.Ok("图片删除成功");
    }

    [HttpPost("image/delete_all")]
    public async Task<Reply> DeleteAllAsync()
    {
        await DeleteSeveralAsync();
        return Reply.Ok("图片删除成功");
    }

    // The object is not ours: what the class's policy says of size or naming has no meaning here, the rest holds.
    [HttpPost("image")]
    public async Task<Reply> RegisterAsync()
    {
        var images = Desk.Images;
        var fields = await Desk.FieldsAsync(HttpContext);
        var link = ImageLink.Parse(Fields.Required("url", fields.Line("url", 1, ImageLink.MaxLength)));
        var name = Fields.Required("name", fields.Line("name", ShortestName, LongestName));
        var enabled = fields.Flag("status") ?? true;
        var classId = fields.Number("image_class_id", 0, long.MaxValue) ?? 0;
        var order = (int?)fields.Number("order", int.MinValue, int.MaxValue) ?? DefaultOrder;
        if (classId > 0)
            await Desk.EnabledClassAsync(classId, Left);

        var sender = Desk.Sender(HttpContext);
        var policy = await Desk.Policies.EffectiveAsync(classId, Left);
        LibraryDesk.RequireType(policy, link.MediaType);
        await images.RegisterAsync(
            new NewLink(link.Url, name, classId, enabled, order, link.MediaType, sender.Owner, sender.Name)
            {
                Usage = Desk.Policies.UsageOf(policy, sender, classId),
            },
            Left);
        return Reply.Ok("上传图片成功");
    }
}
