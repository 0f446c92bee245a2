using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Envelope;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;

namespace OssProxy.Api.PublicFiles;

/// <summary>
/// Serves what lies on the local disk, to be shown and never to be run: the detected type, no sniffing, no scripts, attachments for all
/// that a browser would open as a document. Names are never given twice, so answers may be cached for good.
/// </summary>
[ApiController]
public sealed class PublicFilesController(ObjectStores stores) : ControllerBase
{
    [HttpGet("/public/uploads/{**path}")]
    [HttpHead("/public/uploads/{**path}")]
    public async Task<IActionResult> GetAsync()
    {
        var path = (string?)RouteData.Values["path"];
        var reading = ObjectKey.TryParse(path, out var key)
            ? await stores.Local.Store.OpenAsync(key, range: null, HttpContext.RequestAborted)
            : null;
        if (reading is null)
            return NotFound(Reply.Failed(ErrorTable.For(ApiError.FileNotFound), ErrorTable.For(ApiError.FileNotFound).Text, HttpContext.TraceIdentifier));

        var source = reading.Source;
        var type = FileTypeCatalog.All.FirstOrDefault(type => type.MediaType == source.ContentType);
        Response.Headers.XContentTypeOptions = "nosniff";
        Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        if (type is not { Inline: true })
            Response.Headers.ContentDisposition = "attachment";

        return File(
            reading.Body, source.ContentType, source.LastModified,
            source.ETag is null ? null : new EntityTagHeaderValue($"\"{source.ETag}\""), enableRangeProcessing: true);
    }
}
