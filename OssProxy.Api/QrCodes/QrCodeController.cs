using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Access;
using OssProxy.Api.PublicFiles;
using OssProxy.Core.QrCodes;
using OssProxy.Core.Rendering;

namespace OssProxy.Api.QrCodes;

/// <summary>
/// QR codes for whoever may upload, guests included where they may. The same address always gives the same picture, so it may be kept for
/// good; by the caller's own browser alone, since the address may carry a token. Costs some milliseconds of one core, within the rates of every door.
/// </summary>
[ApiController]
[CallerDoor(MissingText = "您没有权限访问即时通讯接口")]
public sealed class QrCodeController(CallerFiles files, Renderer render) : ControllerBase
{
    // Changes when the same address would give another picture.
    private const string Edition = "1";

    [HttpGet("/api/qrcode")]
    public Task<IActionResult> DrawAsync() => DrawAsync(QrQuery.Of(Request.Query));

    [HttpGet("/api/chat/groupQrcode/{id}")]
    public Task<IActionResult> DrawChatAsync() => DrawAsync(QrQuery.OfChat(Request.Query, (string)RouteData.Values["id"]!));

    private async Task<IActionResult> DrawAsync(QrQuery query)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Edition + query)))[..32]}\"");
        if (query.Logo is null && Request.GetTypedHeaders().IfNoneMatch.Any(one => one.Compare(tag, useStrongComparison: false)))
        {
            KeepForGood(tag);
            return StatusCode(StatusCodes.Status304NotModified);
        }

        var code = QrCode.Of(query.Code);
        var (content, mediaType) = query switch
        {
            { Logo: not null } => (await WithLogoAsync(code, query), "image/png"),
            { IsSvg: true } => (Encoding.UTF8.GetBytes(code.ToSvg()), "image/svg+xml"),
            _ => (code.ToPng(), "image/png"),
        };
        KeepForGood(tag);
        Response.Headers.XContentTypeOptions = "nosniff";
        return new FileContentResult(content, mediaType) { EntityTag = tag };
    }

    private async Task<byte[]> WithLogoAsync(QrCode code, QrQuery query)
    {
        if (query.IsSvg)
            throw new QrException(QrError.QrLogoRefused, "A logo is drawn into a PNG only.");
        var place = await files.FindAsync(HttpContext, query.Logo!, HttpContext.RequestAborted)
            ?? throw new QrException(QrError.QrLogoRefused, "The logo is none of the caller's files.");
        var drawn = await new QrLogo(render).PutAsync(code, place.Store.Store, place.Key, HttpContext.RequestAborted);
        return drawn.Content.ToArray();
    }

    private void KeepForGood(EntityTagHeaderValue tag)
    {
        Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        Response.GetTypedHeaders().ETag = tag;
    }
}
