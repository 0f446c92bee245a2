using System.Security.Cryptography;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Grants;
using OssProxy.Api.PublicFiles;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Images;
using OssProxy.Core.Storage;

namespace OssProxy.Api.Images;

/// <summary>
/// What OSS fetches when a bucket of results lacks an object (mirror back-to-origin): the path is the object's name, <c>key!style</c>, and
/// nothing else of the request counts. 404 is for originals that do not exist, and for the whole address where the service is switched off:
/// OSS passes it on, and tells its client of every other failure as 424. The answer is whole, with its length, and with its checksum where
/// its bytes are at hand. It is kept here as well, because anybody may ask; and it is not counted by addresses, because OSS and CDNs ask
/// for everybody from a few of them. (docs/oss-assumptions.md A23)
/// </summary>
[ApiController]
[OssXml]
public sealed class MirrorController(ImageDesk desk) : ControllerBase
{
    private const string Root = "/mirror/";

    [HttpGet(Root + "{**path}")]
    [HttpHead(Root + "{**path}")]
    public async Task GetAsync()
    {
        desk.RequireEnabled();
        var left = HttpContext.RequestAborted;
        var recipe = await RecipeAsync(AskedImage.Of(HttpContext, Root).Path, left);
        var derivation = await desk.Images.PrepareAsync(recipe, left);
        if (HttpMethods.IsHead(Request.Method))
        {
            Describe(derivation);
            return;
        }

        using var image = await desk.Images.MakeAsync(derivation, caller: null, left);
        Describe(image.Derivation);
        Response.ContentType = image.MediaType;
        Response.ContentLength = image.Length;
        if (image.Content is { } content)
        {
            Response.Headers.ContentMD5 = Convert.ToBase64String(MD5.HashData(content));
            await Response.Body.WriteAsync(content, CancellationToken.None);
            return;
        }

        await using var stored = new ObjectStream(
            desk.Images.Results,
            new StoredObject(image.Derivation.Name.Key, image.Length, image.MediaType, ETag: null, Crc64: null, LastModified: null));
        await stored.CopyToAsync(Response.Body, left);
    }

    private async Task<Recipe> RecipeAsync(string path, CancellationToken left)
    {
        try
        {
            var recipe = await desk.ReadAsync(path, left);
            return recipe.Kind != RecipeKind.Original ? recipe
                : throw new ImageException(ImageError.ProcessInvalid, "InvalidArgument", "The name has no style, and there is none for names without.");
        }
        catch (ImageException failure) when (failure.Error == ImageError.StyleNotFound)
        {
            throw new ImageException(ImageError.ProcessInvalid, "InvalidArgument", failure.Message, failure.Ec, failure);
        }
    }

    private void Describe(Derivation derivation)
    {
        Response.Headers.ETag = derivation.Name.ETag;
        Response.Headers.CacheControl = desk.CacheControlOf(derivation.CacheControl, isOpen: true);
    }
}
