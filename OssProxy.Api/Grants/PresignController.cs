using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Grants;
using OssProxy.Core.Identity;
using OssProxy.Core.Images;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Api.Grants;

/// <summary>Signed URLs: to put one file each, and to read files that are the caller's own.</summary>
[ApiController]
[CallerDoor]
[SaysGrantsOff]
public sealed class PresignController(GrantDesk desk, LibraryDesk library, ImageStyles styles, ObjectStores stores, ReadLinks? links = null)
    : ControllerBase
{
    [HttpPost("/oss/presign")]
    [HttpPost("/api/oss/presign")]
    public async Task<Reply> PutAsync()
    {
        var asked = await desk.RequestsAsync(HttpContext);
        var grants = new List<PutView>(asked.Count);
        foreach (var request in asked)
            grants.Add(PutView.Of(await desk.Issuer.PutAsync(request, HttpContext.RequestAborted)));
        Response.Headers.CacheControl = "no-store";
        return Reply.Ok(grants);
    }

    // Who is known by a token may read what is theirs; whoever runs the deployment, everything. A watermark shows its image as well as the
    // original is shown: what may not be read may not be drawn either.
    [HttpPost("/oss/presign/read")]
    [HttpPost("/api/oss/presign/read")]
    public async Task<Reply> ReadAsync()
    {
        var caller = Entry.Of(HttpContext).Caller;
        var fields = await desk.FieldsAsync(HttpContext);
        var (process, marks) = await ProcessOfAsync(fields);
        var terms = ReadTermsOf(fields) with { Process = process };
        var found = await library.Images.FindAsync(fields.Ids("ids"), HttpContext.RequestAborted);
        var mayDraw = await MayReadAllAsync(caller, marks);
        var views = new List<ReadView>();
        foreach (var image in found.Where(image => mayDraw && MayRead(caller, image)))
        {
            if (links is not null && await links.SignAsync(image, terms, HttpContext.RequestAborted) is { } link)
                views.Add(new ReadView(image.Id, link.Address.OriginalString, link.ExpiresAt.ToUnixTimeSeconds()));
        }

        Response.Headers.CacheControl = "no-store";
        return Reply.Ok(views);
    }

    private static bool MayRead(Caller caller, ImageRecord image) =>
        caller.Kind == CallerKind.Admin || (caller.Kind != CallerKind.Guest && image.Owner == caller.Owner);

    private async Task<bool> MayReadAllAsync(Caller caller, IReadOnlyList<string> keys)
    {
        if (caller.Kind == CallerKind.Admin)
            return true;
        foreach (var key in keys)
        {
            var image = await library.Images.OfObjectAsync(stores.Main, key, HttpContext.RequestAborted);
            if (image is null || !MayRead(caller, image))
                return false;
        }

        return true;
    }

    // A style is told as what it makes: OSS does not know ours. Its watermarks are whoever's who made the style; those of a process that
    // the caller has written are returned, and the process in the spelling that they were read from.
    private async Task<(string? Process, IReadOnlyList<string> Marks)> ProcessOfAsync(Fields fields)
    {
        if (fields.Line("process", 0, ProcessString.MaxBytes) is not { Length: > 0 } text)
            return (null, []);
        var process = ProcessString.Parse(text);
        if (process.SaveAs is not null)
            throw Fields.Invalid("process 不能含有 sys/saveas");
        if (process.Style is not { } name)
            return process.Image is { } image ? (image.Canonical, [.. image.WatermarkKeys]) : (text, []);
        var style = await styles.FindAsync(name, HttpContext.RequestAborted);
        return (style?.Process.Canonical ?? throw ImageFaults.NoStyle(), []);
    }

    private static ReadTerms ReadTermsOf(Fields fields) => new(GrantDesk.Lifetime(fields.Number("expires", 1, long.MaxValue)))
    {
        AsAttachment = fields.Line("disposition", 0, 16) switch
        {
            null or "" => null,
            "inline" => false,
            "attachment" => true,
            _ => throw Fields.Invalid("disposition 只能是 inline 或 attachment"),
        },
        FileName = fields.Line("file_name", 0, 120) is { Length: > 0 } name ? name : null,
        CacheControl = fields.Line("cache_control", 0, 100) is { Length: > 0 } cache
            ? cache.All(IsOfCacheControl) ? cache : throw Fields.Invalid("cache_control 只能有字母、数字、空格和 , = -") : null,
    };

    // What directives are made of. Quotes are not needed; and what is signed with V1 must not hold what parts parameters.
    private static bool IsOfCacheControl(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is ' ' or ',' or '=' or '-';
}
