using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Envelope;
using OssProxy.Api.Uploads;
using OssProxy.Core.Storage;

namespace OssProxy.Api.Grants;

/// <summary>
/// PostObject on our own address, for clients that can do nothing but post a form, and where there is no OSS: what is posted, and what is
/// answered, is as with OSS. Clients make the address of a file out of that of the gateway and the key, so such an address leads to the file.
/// </summary>
[ApiController]
[OssXml]
public sealed class GatewayController(GatewayDesk desk, ObjectStores stores) : ControllerBase
{
    [HttpPost(GrantDesk.GatewayPath)]
    [UploadDoor]
    public async Task<IActionResult> PostAsync()
    {
        var (receipt, status) = await desk.StoreAsync(HttpContext);
        var tag = $"\"{receipt.Id.ToString("X32", CultureInfo.InvariantCulture)}\"";
        Response.Headers.ETag = tag;
        Response.Headers.Location = receipt.Url;
        switch (status)
        {
            case "200":
                return new StatusCodeResult(StatusCodes.Status200OK);
            case "201":
                Response.StatusCode = StatusCodes.Status201Created;
                await OssXmlAttribute.WriteAsync(HttpContext, new XElement(
                    "PostResponse",
                    new XElement("Bucket", stores.Main.Bucket),
                    new XElement("Location", receipt.Url),
                    new XElement("Key", receipt.Path),
                    new XElement("ETag", tag)));
                return new EmptyResult();
            default:
                return new StatusCodeResult(StatusCodes.Status204NoContent);
        }
    }

    [HttpGet(GrantDesk.GatewayPath + "/{**key}")]
    [HttpHead(GrantDesk.GatewayPath + "/{**key}")]
    public IActionResult Read() =>
        ObjectKey.TryParse((string?)RouteData.Values["key"], out var key)
            ? new RedirectResult(stores.Main.Links.For(key))
            : throw new ApiException(ApiError.FileNotFound);
}
