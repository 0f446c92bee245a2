using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Grants;
using OssProxy.Api.Library;
using OssProxy.Core.Goods;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Goods;

/// <summary>
/// Goods that users publish with images of theirs, for everybody to see: how a business route uses the records. Whose the goods are says the
/// token; a <c>user_id</c> among the fields is kept like any other and means nothing.
/// </summary>
/// <param name="shelf">Null where no records are kept.</param>
/// <param name="images">Null likewise.</param>
[ApiController]
[Route("/goods")]
[Route("/api/goods")]
[Says(nameof(ApiError.RecordsOff), "没有启用上传记录（Records:Provider=none），不能发布和查看商品")]
public sealed class GoodsController(LibraryDesk library, GrantDesk grants, GoodsShelf? shelf = null, GoodsImages? images = null) : ControllerBase
{
    // Every one of them may have twenty images.
    private const int LongestPage = 50;

    private Caller Caller => Entry.Of(HttpContext).Caller;

    private CancellationToken Left => HttpContext.RequestAborted;

    private GoodsShelf Shelf => shelf ?? throw Off();

    [HttpPost("publish")]
    [KnownDoor]
    public async Task<Reply> PublishAsync()
    {
        var usable = images ?? throw Off();
        var form = GoodsForm.Of(await library.FieldsAsync(HttpContext));
        var publisher = new Publisher(Caller.Owner, $"{Request.Scheme}://{Request.Host}", grants.GatewayUrl(HttpContext))
        {
            UsesAnyImage = Caller.Kind == CallerKind.Admin,
        };
        var shown = await usable.RequireAsync(form.Images, publisher, Left);
        return Reply.Ok(GoodsView.Of(await Shelf.AddAsync(Caller.Owner, form.Kept, shown, Left)));
    }

    [HttpGet("list/{page?}")]
    [CallerDoor]
    public Task<Reply> ListAsync() => PageAsync(owner: null);

    [HttpGet("mine/{page?}")]
    [KnownDoor]
    public Task<Reply> MineAsync() => PageAsync(Caller.Owner);

    [HttpGet("{id:long}")]
    [CallerDoor]
    public async Task<Reply> ShowAsync()
    {
        var id = ConsoleQuery.Id(HttpContext);
        return Reply.Ok(GoodsView.Of(await Shelf.FindAsync(id, Left) ?? throw NotFound(id)));
    }

    [HttpPost("{id:long}/delete")]
    [HttpDelete("{id:long}")]
    [KnownDoor]
    public async Task<Reply> DeleteAsync()
    {
        var id = ConsoleQuery.Id(HttpContext);
        if (!await Shelf.RemoveAsync(id, Caller.Owner, anybodys: Caller.Kind == CallerKind.Admin, Left))
            throw NotFound(id);
        await library.NoteAsync(HttpContext, "goods.delete", "goods", id.ToString(CultureInfo.InvariantCulture));
        return Reply.Ok(true);
    }

    private async Task<Reply> PageAsync(string? owner)
    {
        var limit = ConsoleQuery.Limit(HttpContext, ConsoleQuery.PageSize, LongestPage);
        var page = await Shelf.ListAsync(owner, ConsoleQuery.Page(HttpContext), limit, Left);
        return Reply.Ok(new ImageList<IReadOnlyDictionary<string, object>>([.. page.Goods.Select(GoodsView.Of)], page.Total));
    }

    private static GoodsException NotFound(long id) =>
        new(GoodsError.GoodsNotFound, string.Create(CultureInfo.InvariantCulture, $"There are no goods {id}, or none of the caller's."));

    private static ApiException Off() => new(ApiError.RecordsOff);
}
