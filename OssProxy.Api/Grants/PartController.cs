using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Api.Uploads;
using OssProxy.Core.Grants;
using OssProxy.Core.Records;

namespace OssProxy.Api.Grants;

/// <summary>Uploads in parts, which a browser sends to OSS several at a time: begun and joined by us, between which the client asks for URLs
/// and for what has arrived. Somebody else's upload is not there.</summary>
[ApiController]
[CallerDoor]
[SaysGrantsOff]
[Route("/oss/parts")]
[Route("/api/oss/parts")]
public sealed class PartController(GrantDesk desk) : ControllerBase
{
    private CancellationToken Left => HttpContext.RequestAborted;

    [HttpPost("")]
    public async Task<Reply> BeginAsync()
    {
        var fields = await desk.FieldsAsync(HttpContext);
        var request = desk.RequestOf(HttpContext, fields);
        Fields.Required("size", request.Size);
        var begun = await desk.Parts.BeginAsync(request, Left);
        var grant = await desk.Confirmation.FindAsync(begun.Token, GrantDesk.Owner(HttpContext), Left);
        var first = await desk.Parts.AddressesAsync(grant, Enumerable.Range(1, Math.Min(begun.Parts, PartGrants.MostAddresses)), Left);
        Response.Headers.CacheControl = "no-store";
        return Reply.Ok(new PartsView(
            begun.Token, begun.Key.Value, begun.Url, begun.Size, begun.PartBytes, begun.Parts, begun.ExpiresAt.ToUnixTimeSeconds(),
            [.. first.Select(PartUrlView.Of)]));
    }

    [HttpPost("{grant}/urls")]
    public async Task<Reply> UrlsAsync()
    {
        var grant = await FindAsync();
        var fields = await desk.FieldsAsync(HttpContext);
        var numbers = fields.Ids("numbers");
        if (numbers.Count > PartGrants.MostAddresses)
            throw Fields.Invalid($"numbers 最多 {PartGrants.MostAddresses} 个");
        var addresses = await desk.Parts.AddressesAsync(grant, numbers.Where(number => number <= int.MaxValue).Select(number => (int)number), Left);
        Response.Headers.CacheControl = "no-store";
        return Reply.Ok(addresses.Select(PartUrlView.Of));
    }

    [HttpGet("{grant}")]
    public async Task<Reply> ListAsync() =>
        Reply.Ok((await desk.Parts.ListAsync(await FindAsync(), Left)).Select(part => new PartDoneView(part.Number, part.Length)));

    [HttpPost("{grant}/complete")]
    public async Task<Reply> CompleteAsync() => Reply.Ok(ImageRow.Of(await desk.Parts.CompleteAsync(await FindAsync(), Left)));

    [HttpDelete("{grant}")]
    [HttpPost("{grant}/abort")]
    public async Task<Reply> AbortAsync()
    {
        await desk.Parts.AbortAsync(await FindAsync(), Left);
        return Reply.Ok(true);
    }

    private async Task<UploadGrant> FindAsync()
    {
        var grant = await desk.Confirmation.FindAsync((string)RouteData.Values["grant"]!, GrantDesk.Owner(HttpContext), Left);
        return grant.Kind == GrantKind.Parts ? grant : throw new GrantException(GrantError.GrantNotFound, "The grant is for no upload in parts.");
    }
}
