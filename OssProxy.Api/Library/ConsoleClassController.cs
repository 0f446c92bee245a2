using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>The classes, for the consoles under <c>/admin</c>: all of them by pages, and the tree in two forms.</summary>
[ApiController]
[Route("/admin/image_class")]
[Route("/api/admin/image_class")]
[Route("/admin/imageclass")]
[Route("/api/admin/imageclass")]
[ConsoleDoor]
public sealed class ConsoleClassController(LibraryDesk desk) : ClassController(desk)
{
    private const int ShortestName = 1;

    // Largest order first, then the newest, as these consoles have always been shown them.
    [HttpGet("{page}")]
    public async Task<Reply> ListAsync()
    {
        var all = await Desk.Classes.AllAsync(Left);
        var counts = await Desk.Classes.CountsAsync(Left);
        var sorted = ConsoleQuery.Descending(HttpContext, otherwise: true)
            ? all.OrderByDescending(one => one.Order).ThenByDescending(one => one.Id)
            : all.OrderBy(one => one.Order).ThenBy(one => one.Id);
        var rows = sorted.ToList();
        var limit = ConsoleQuery.Limit(HttpContext, ConsoleQuery.PageSize, ConsoleQuery.MostClasses);
        var skipped = (ConsoleQuery.Page(HttpContext) - 1L) * limit;
        var page = skipped < rows.Count ? rows.Skip((int)skipped).Take(limit) : [];
        var tree = new ClassTree(rows);
        return Reply.Ok(new ClassPage(
            [.. page.Select(Row)],
            rows.Count,
            [.. tree.Flat().Select(one => Row(one.Class) with { Level = one.Level })],
            tree.Nested((one, _) => Row(one))));
        ClassRow Row(ImageClass one) => ClassRow.OfConsole(one, Desk.Clock) with { ImagesCount = counts.GetValueOrDefault(one.Id) };
    }

    // The row: some of these consoles were told true, others the row, and who reads neither needs the id some day.
    [HttpPost("")]
    public async Task<Reply> CreateAsync()
    {
        var classes = Desk.Classes;
        var made = await classes.CreateAsync(Draft(await Desk.FieldsAsync(HttpContext), ShortestName, isNamed: true), Left);
        return Reply.Ok(ClassRow.OfConsole(made, Desk.Clock) with { ImagesCount = 0 });
    }

    [HttpPost("{id:long}")]
    [Says(nameof(RecordsError.ClassNotFound), "该记录不存在")]
    public async Task<Reply> UpdateAsync()
    {
        var classes = Desk.Classes;
        var draft = Draft(await Desk.FieldsAsync(HttpContext), ShortestName, isNamed: false);
        await classes.UpdateAsync(ConsoleQuery.Id(HttpContext), draft, Left);
        return Reply.Ok(true);
    }

    [HttpPost("{id:long}/update_status")]
    [Says(nameof(RecordsError.ClassNotFound), "数据不存在")]
    public async Task<Reply> UpdateStatusAsync()
    {
        await ChangeStatusAsync();
        return Reply.Ok(true);
    }
}
