using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>The images, for the consoles under <c>/admin</c>: the newest first, of every class, and <c>true</c> for what was done.</summary>
[ApiController]
[Route("/admin")]
[Route("/api/admin")]
[ConsoleDoor]
public sealed class ConsoleImageController(LibraryDesk desk) : ImageController(desk)
{
    private const int ShortestName = 1;

    // Class 0 holds what is in none; these consoles ask for it while they have no class.
    [HttpGet("image_class/{id:long}/image/{page}")]
    [HttpGet("imageclass/{id:long}/image/{page}")]
    public async Task<Reply> ListAsync()
    {
        var id = ConsoleQuery.Id(HttpContext);
        if (id != 0 && (await Desk.Classes.LineageAsync(id, Left)).Count == 0)
            throw LibraryDesk.NoClass(id);
        return await PageAsync(new ImageQuery
        {
            ClassId = id,
            Keyword = ConsoleQuery.Text(HttpContext, "keyword"),
            Descending = ConsoleQuery.Descending(HttpContext, otherwise: true),
        });
    }

    [HttpPost("image/{id:long}")]
    [Says(nameof(RecordsError.ClassNotFound), NoSuchTarget)]
    public async Task<Reply> UpdateAsync()
    {
        _ = Desk.Images;
        var edit = Edit(await Desk.FieldsAsync(HttpContext), ShortestName, leastClass: 0);
        await Desk.EditAsync(ConsoleQuery.Id(HttpContext), edit, Left);
        return Reply.Ok(true);
    }

    [HttpPost("image/{id:long}/delete")]
    [HttpDelete("image/{id:long}")]
    public async Task<Reply> DeleteAsync()
    {
        await DeleteOneAsync();
        return Reply.Ok(true);
    }

    [HttpPost("image/delete_all")]
    public async Task<Reply> DeleteAllAsync()
    {
        await DeleteSeveralAsync();
        return Reply.Ok(true);
    }
}
