using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Envelope;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>What both families of consoles do with images. Actions take no parameters: any bound one would make the framework read the
/// body.</summary>
public abstract class ImageController(LibraryDesk desk) : ControllerBase
{
    /// <summary>Longest name, in characters.</summary>
    protected const int LongestName = 30;

    /// <summary>What is said of a class that images are to move to and that is not there.</summary>
    protected const string NoSuchTarget = "该图片分类不存在，不能修改成这个分类";

    protected LibraryDesk Desk { get; } = desk;

    protected CancellationToken Left => HttpContext.RequestAborted;

    [HttpPost("image/move")]
    [Says(nameof(RecordsError.ClassNotFound), NoSuchTarget)]
    public async Task<Reply> MoveAsync()
    {
        _ = Desk.Images;
        var fields = await Desk.FieldsAsync(HttpContext);
        var ids = fields.Ids("ids");
        var moved = await Desk.MoveAsync(ids, Fields.Required("image_class_id", fields.Number("image_class_id", 0, long.MaxValue)), Left);
        return moved > 0 ? Reply.Ok(new Moved(moved)) : throw new RecordsException(RecordsError.ImageNotFound, "None of the images is there.");
    }

    [HttpPost("image/restore")]
    public async Task<Reply> RestoreSeveralAsync()
    {
        var images = Desk.Images;
        return await RestoreAsync(images, (await Desk.FieldsAsync(HttpContext)).Ids("ids"));
    }

    [HttpPost("image/{id:long}/restore")]
    public Task<Reply> RestoreOneAsync() => RestoreAsync(Desk.Images, [ConsoleQuery.Id(HttpContext)]);

    [HttpGet("image/deleted/{page}")]
    public Task<Reply> DeletedAsync() => PageAsync(ConsoleQuery.Filter(HttpContext, Desk.Clock) with { Deleted = true });

    [HttpGet("image/search/{page}")]
    public Task<Reply> SearchAsync() => PageAsync(ConsoleQuery.Filter(HttpContext, Desk.Clock));

    [HttpGet("image/export")]
    public async Task ExportAsync()
    {
        var format = ExportFormat.Find(HttpContext.Request.Query["format"])
            ?? throw Fields.Invalid("format 只能是 csv 或 ndjson");
        var images = Desk.Images;
        var query = ConsoleQuery.Filter(HttpContext, Desk.Clock);
        await HttpContext.RequestServices.GetRequiredService<ImageExport>()
            .WriteAsync(HttpContext, stop => images.StreamAsync(query, stop), format, Desk.Clock);
    }

    /// <summary>What a body changes of an image.</summary>
    private protected static ImageEdit Edit(Fields fields, int shortestName, long leastClass)
    {
        var name = fields.Line("name", shortestName, LongestName);
        return new ImageEdit
        {
            Name = name,
            Enabled = fields.Flag("status"),
            Order = (int?)fields.Number("order", int.MinValue, int.MaxValue),
            ClassId = fields.Number("image_class_id", leastClass, long.MaxValue),
        };
    }

    /// <summary>One page of images as the consoles under <c>/admin</c> show them.</summary>
    private protected async Task<Reply> PageAsync(ImageQuery query)
    {
        var limit = ConsoleQuery.Limit(HttpContext, ConsoleQuery.PageSize, ConsoleQuery.MostImages);
        var page = await Desk.Images.ListAsync(query, ConsoleQuery.Page(HttpContext), limit, Left);
        return Reply.Ok(new ImageList<ConsoleImage>([.. page.Images.Select(image => ConsoleImage.Of(image, Desk.Clock))], page.Total));
    }

    /// <summary>Deletes the image in the route; one that is not there is deleted already.</summary>
    protected Task DeleteOneAsync() => Desk.DeleteAsync(HttpContext, [ConsoleQuery.Id(HttpContext)]);

    /// <summary>Deletes the images in the body.</summary>
    protected async Task DeleteSeveralAsync()
    {
        _ = Desk.Images;
        await Desk.DeleteAsync(HttpContext, (await Desk.FieldsAsync(HttpContext)).Ids("ids"));
    }

    private async Task<Reply> RestoreAsync(ImageLibrary images, IReadOnlyList<long> ids)
    {
        var restored = await images.RestoreAsync(ids, Left);
        if (restored.Count == 0)
            throw new RecordsException(RecordsError.ImageNotRestorable, "None of the images can be restored.");
        await Desk.NoteAsync(HttpContext, "image.restore", "image", string.Join(',', restored));
        return Reply.Ok(new Restored(restored.Count));
    }

    private sealed record Moved([property: JsonPropertyName("moved")] int Count);

    private sealed record Restored([property: JsonPropertyName("restored")] int Count);
}
