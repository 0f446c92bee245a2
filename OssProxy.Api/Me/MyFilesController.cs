using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;

namespace OssProxy.Api.Me;

/// <summary>A caller's own files. Another's file is not there, whether there is one or not: both cost the same look and answer the same.</summary>
[ApiController]
[Route("/api/me/files")]
[KnownDoor]
public sealed class MyFilesController(LibraryDesk desk) : ControllerBase
{
    private string Owner => Entry.Of(HttpContext).Caller.Owner;

    [HttpGet("{page?}")]
    public async Task<Reply> ListAsync()
    {
        var query = ConsoleQuery.Filter(HttpContext, desk.Clock) with { Owner = Owner };
        var limit = ConsoleQuery.Limit(HttpContext, ConsoleQuery.PageSize, ConsoleQuery.MostImages);
        var page = await desk.Images.ListAsync(query, ConsoleQuery.Page(HttpContext), limit, HttpContext.RequestAborted);
        return Reply.Ok(new ImageList<MyFile>([.. page.Images.Select(MyFile.Of)], page.Total));
    }

    [HttpPost("{id:long}/delete")]
    [HttpDelete("{id:long}")]
    public async Task<Reply> DeleteAsync()
    {
        var id = ConsoleQuery.Id(HttpContext);
        var found = await desk.Images.FindAsync([id], HttpContext.RequestAborted);
        if (found is not [var image] || image.Owner != Owner)
            throw new ApiException(ApiError.FileNotFound);
        await desk.DeleteAsync(HttpContext, [id]);
        return Reply.Ok(true);
    }
}
