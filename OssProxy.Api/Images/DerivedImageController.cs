using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Grants;
using OssProxy.Api.Library;
using OssProxy.Api.PublicFiles;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Images;
using OssProxy.Core.Storage;

namespace OssProxy.Api.Images;

/// <summary>
/// Images as OSS serves them: <c>/img/key?x-oss-process=…</c> and <c>/img/key!style</c>. The walk of a request is the list in
/// <see cref="GetAsync"/>; failures are OSS's documents. Every result is shown in place and never run.
/// </summary>
[ApiController]
[OssXml]
[RefusesInWords]
public sealed class DerivedImageController(ImageDesk desk, LibraryDesk library, SavedImages saving) : ControllerBase
{
    private const string ContentPolicy = "default-src 'none'; sandbox";
    private const string BodyBegin = AskedImage.ProcessName + "=";

    private CancellationToken Left => HttpContext.RequestAborted;

    [HttpGet(SignedImageLinks.Path + "{**key}")]
    [HttpHead(SignedImageLinks.Path + "{**key}")]
    public async Task<IActionResult> GetAsync()
    {
        var (asked, isOpen) = await desk.AdmitAsync(HttpContext, AskedImage.Of(HttpContext, SignedImageLinks.Path), written: null);
        if (asked.SaveAs is not null)
            throw Invalid("An image is saved by POST.");

        // Also for whoever answers in our place.
        Response.Headers.ContentSecurityPolicy = ContentPolicy;

        // The door has said already what is to be kept of an answer to who has a token.
        var isTold = Response.Headers.CacheControl.Count > 0;
        if (asked.Kind == RecipeKind.Original)
        {
            var original = await desk.Images.OriginalAsync(asked.Source, Left);
            TellCaches(original.CacheControl);
            return Answer(original);
        }

        var recipe = Recipes.For(asked, Request.Headers.Accept.ToString());
        if (recipe.Negotiates)
            Response.Headers.AppendCommaSeparatedValues(HeaderNames.Vary, HeaderNames.Accept);
        var derivation = await desk.Images.PrepareAsync(recipe, Left);
        TellCaches(derivation.CacheControl);
        if (ImageConditions.HasIt(Request, derivation.Name.ETag))
            return Described(derivation, StatusCodes.Status304NotModified);

        // Nothing is made for who wants to hear of it only; what is not there yet has neither a length nor a type.
        if (HttpMethods.IsHead(Request.Method))
            return await desk.Images.FindAsync(derivation, Left) is { } found ? Answer(found) : Described(derivation, StatusCodes.Status200OK);
        return Answer(await desk.Images.MakeAsync(derivation, desk.Caller(HttpContext, derivation.Name.Hash), Left));

        void TellCaches(string? original)
        {
            if (!isTold)
                Response.Headers.CacheControl = desk.CacheControlOf(original, isOpen);
        }
    }

    [HttpPost(SignedImageLinks.Path + "{**key}")]
    public async Task SaveAsync()
    {
        desk.RequireEnabled();
        var asked = AskedImage.Of(HttpContext, SignedImageLinks.Path);
        var (recipe, _) = await desk.AdmitAsync(HttpContext, asked, string.IsNullOrEmpty(asked.Process) ? await WrittenAsync() : null);
        if (recipe is not { SaveAs: not null, Kind: not RecipeKind.Original })
            throw Invalid("A process that is posted ends with sys/saveas.");

        var saved = await saving.SaveAsync(recipe, desk.Reserved, desk.Caller(HttpContext, $"{recipe.Source}?{recipe.Canonical}"), Left);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new SavedView(saved.Bucket, saved.Key, saved.Length, "OK"));
        Response.Headers.CacheControl = "no-store";
        Response.ContentType = "application/json";
        Response.ContentLength = bytes.Length;
        await Response.Body.WriteAsync(bytes, CancellationToken.None);
    }

    private FileStreamResult Answer(StoredObject source)
    {
        Response.Headers.ContentDisposition = PublicFilesController.DispositionOf(source);
        return new FileStreamResult(new ObjectStream(desk.Originals, source), source.ContentType)
        {
            LastModified = source.LastModified,
            EntityTag = source.ETag is null ? null : new EntityTagHeaderValue($"\"{source.ETag}\""),
            EnableRangeProcessing = true,
        };
    }

    private StatusCodeResult Described(Derivation derivation, int status)
    {
        Response.Headers.ETag = derivation.Name.ETag;
        return new StatusCodeResult(status);
    }

    private FileResult Answer(DerivedImage image)
    {
        Response.RegisterForDispose(image);
        Response.Headers.ContentDisposition = "inline";
        var name = image.Derivation.Name;
        var (tag, takesRanges) = (new EntityTagHeaderValue(name.ETag), !ImageConditions.WantsPartByTime(Request));
        return image.Content is { } content
            ? new FileContentResult(content, image.MediaType) { EntityTag = tag, EnableRangeProcessing = takesRanges }
            : new FileStreamResult(
                new ObjectStream(
                    desk.Images.Results, new StoredObject(name.Key, image.Length, image.MediaType, ETag: null, Crc64: null, LastModified: null)),
                image.MediaType)
            { EntityTag = tag, EnableRangeProcessing = takesRanges };
    }

    // SDKs write the process into the body as it is.
    private async Task<string> WrittenAsync()
    {
        var text = System.Text.Encoding.UTF8.GetString(await library.BodyAsync(HttpContext)).Trim();
        return text.StartsWith(BodyBegin, StringComparison.Ordinal)
            ? Uri.UnescapeDataString(text[BodyBegin.Length..]) : throw Invalid($"The body is to be {BodyBegin}….");
    }

    private static ImageException Invalid(string message) => new(ImageError.ProcessInvalid, "InvalidArgument", message);

    internal sealed record SavedView(
        [property: JsonPropertyName("bucket")] string Bucket,
        [property: JsonPropertyName("object")] string Key,
        [property: JsonPropertyName("fileSize")] long FileSize,
        [property: JsonPropertyName("status")] string Status);
}
