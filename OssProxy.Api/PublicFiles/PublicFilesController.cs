using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Envelope;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;

namespace OssProxy.Api.PublicFiles;

/// <summary>
/// Serves what lies on the local disk, to be shown and never to be run: the detected type, no sniffing, no scripts, attachments for all
/// that a browser would open as a document and for all that was stored as one. Names are never given twice, so answers may be cached for good.
/// </summary>
[ApiController]
public sealed class PublicFilesController(ObjectStores stores) : ControllerBase
{
    [HttpGet("/public/uploads/{**path}")]
    [HttpHead("/public/uploads/{**path}")]
    public async Task<IActionResult> GetAsync()
    {
        var store = stores.Local.Store;
        var source = ObjectKey.TryParse((string?)RouteData.Values["path"], out var key)
            ? await store.HeadAsync(key, HttpContext.RequestAborted)
            : null;
        if (source is null)
            throw new ApiException(ApiError.FileNotFound);

        Response.Headers.XContentTypeOptions = "nosniff";
        Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        Response.Headers.ContentDisposition = DispositionOf(source);

        return new FileStreamResult(new ObjectStream(store, source), source.ContentType)
        {
            LastModified = source.LastModified,
            EntityTag = source.ETag is null ? null : new EntityTagHeaderValue($"\"{source.ETag}\""),
            EnableRangeProcessing = true,
        };
    }

    // What was stored with the object, but for what a browser would open: that is an attachment, whatever was stored.
    internal static string? DispositionOf(StoredObject source)
    {
        var stored = source.ContentDisposition;
        var isInline = FileTypeCatalog.All.Any(type => type.Inline && type.MediaType == source.ContentType);
        return isInline || stored?.StartsWith("attachment", StringComparison.OrdinalIgnoreCase) == true ? stored : "attachment";
    }
}
