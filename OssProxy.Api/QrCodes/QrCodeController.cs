using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Access;
using OssProxy.Api.Images;
using OssProxy.Api.PublicFiles;
using OssProxy.Core.QrCodes;
using OssProxy.Core.Rendering;

namespace OssProxy.Api.QrCodes;

/// <summary>
/// QR codes for whoever may upload, guests included where they may. Without a logo the same address always gives the same picture, so it
/// may be kept for good; with one it has to be asked for again, since the logo may be another one by then, or the caller's no more. Kept by
/// the caller's own browser alone, since the address may carry a token. Costs some milliseconds of one core, within the rates of every door.
/// </summary>
[ApiController]
[CallerDoor(MissingText = "您没有权限访问即时通讯接口")]
public sealed class QrCodeController(CallerFiles files, Renderer render, RenderLimits limits, ImagePlaces places) : ControllerBase
{
    // Changes when the same address would give another picture.
    private const string Edition = "1";

    [HttpGet("/api/qrcode")]
    public Task<IActionResult> DrawAsync() => DrawAsync(QrQuery.Of(Request.Query));

    [HttpGet("/api/chat/groupQrcode/{id}")]
    public Task<IActionResult> DrawChatAsync() => DrawAsync(QrQuery.OfChat(Request.Query, (string)RouteData.Values["id"]!));

    private async Task<IActionResult> DrawAsync(QrQuery query)
    {
        var logo = query.Logo is null ? null : await LogoAsync(query);
        var tag = new EntityTagHeaderValue(
            $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Edition}{query} {logo?.Sha256}")))[..32]}\"");

        // What cannot be drawn was never sent with a tag, so that whoever knows this one has the picture.
        if (Request.GetTypedHeaders().IfNoneMatch.Any(one => one.Compare(tag, useStrongComparison: false)))
        {
            Keep(tag, isForGood: logo is null);
            return StatusCode(StatusCodes.Status304NotModified);
        }

        var code = QrCode.Of(query.Code);
        var (content, mediaType) = query switch
        {
            _ when logo is not null => (await WithLogoAsync(code, logo), "image/png"),
            { IsSvg: true } => (Encoding.UTF8.GetBytes(code.ToSvg()), "image/svg+xml"),
            _ => (code.ToPng(), "image/png"),
        };
        Keep(tag, isForGood: logo is null);
        Response.Headers.XContentTypeOptions = "nosniff";

        // Without a tag of its own: the question has been answered above, once.
        return new FileContentResult(content, mediaType);
    }

    // A renderer's time is shared among addresses, like that of every other image.
    private async Task<byte[]> WithLogoAsync(QrCode code, LogoPicture logo)
    {
        var address = CallerAddress.Of(HttpContext);
        using var place = places.Enter(address, "qrcode " + Request.QueryString);
        return (await new QrLogo(render, limits).PutAsync(code, logo, address, HttpContext.RequestAborted)).Content.ToArray();
    }

    private async Task<LogoPicture> LogoAsync(QrQuery query)
    {
        if (query.IsSvg)
            throw new QrException(QrError.QrLogoRefused, "A logo is drawn into a PNG only.");
        var place = await files.FindAsync(HttpContext, query.Logo!, HttpContext.RequestAborted)
            ?? throw new QrException(QrError.QrLogoRefused, "The logo is none of the caller's files.");
        return await QrLogo.ReadAsync(place.Store.Store, place.Key, HttpContext.RequestAborted);
    }

    private void Keep(EntityTagHeaderValue tag, bool isForGood)
    {
        Response.Headers.CacheControl = isForGood ? "private, max-age=31536000, immutable" : "private, no-cache";
        Response.GetTypedHeaders().ETag = tag;
    }
}
