using Microsoft.Extensions.Options;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Forms;
using OssProxy.Core.Derivatives;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Library;

/// <summary>What every controller of the consoles works with.</summary>
public sealed class LibraryDesk(
    UploadPolicies policies,
    PictureTreatments treatments,
    IOptions<UploadOptions> options,
    IOptions<GuestOptions> guests,
    IOptions<ImageOptions> derived,
    AuditTrail audit,
    TimeProvider time,
    ImageClasses? classes = null,
    ImageLibrary? images = null)
{
    private readonly ClientPatience _patience =
        new(options.Value.IdleTimeout, options.Value.RateWindow, options.Value.MinBytesPerSecond, options.Value.TimeBudget);

    /// <summary>The classes.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.RecordsOff"/>.</exception>
    public ImageClasses Classes => classes ?? throw new ApiException(ApiError.RecordsOff);

    /// <summary>The images.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.RecordsOff"/>.</exception>
    public ImageLibrary Images => images ?? throw new ApiException(ApiError.RecordsOff);

    public UploadPolicies Policies => policies;

    /// <summary>The deployment's calendar.</summary>
    internal ConsoleClock Clock { get; } = new(TimeZoneInfo.FindSystemTimeZoneById(options.Value.TimeZone), time);

    /// <summary>As whom the caller of a request adds to the library.</summary>
    internal Sender Sender(HttpContext context) => Senders.Of(Entry.Of(context), guests.Value);

    /// <summary>The bytes of a request's body.</summary>
    internal Task<byte[]> BodyAsync(HttpContext context) => ConsoleBody.ReadAsync(context, _patience, time);

    /// <summary>The fields of a request's body.</summary>
    internal async Task<Fields> FieldsAsync(HttpContext context) =>
        Fields.Parse(await BodyAsync(context), context.Request.ContentType);

    /// <summary>A class that is shown and takes images: enabled, and all above it.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>.</exception>
    public async Task<ImageClass> EnabledClassAsync(long id, CancellationToken cancellationToken)
    {
        var lineage = await Classes.LineageAsync(id, cancellationToken);
        return lineage.Count > 0 && lineage.All(one => one.Enabled) ? lineage[0] : throw NoClass(id);
    }

    /// <summary>Deletes images for as long as their classes' policies keep them, writes down who did it, and returns how many there
    /// were.</summary>
    public async Task<int> DeleteAsync(HttpContext context, IReadOnlyList<long> ids)
    {
        var retentions = await policies.RetentionsAsync(context.RequestAborted);
        var deleted = await Images.DeleteAsync(ids, retentions, context.RequestAborted);
        if (deleted.Count > 0)
            await NoteAsync(context, "image.delete", "image", string.Join(',', deleted));
        return deleted.Count;
    }

    /// <summary>Writes down what the caller of a request has done.</summary>
    public Task NoteAsync(HttpContext context, string action, string subject, string detail = "") =>
        audit.WriteAsync(Entry.Of(context).Deed(action, subject, detail));

    /// <summary>Moves images to a class (0 for none) that would take them as uploads, all or none, and returns how many there were. What a day
    /// allows is not asked: nothing is stored.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.TypeNotAllowed"/>, <see cref="UploadError.FileTooLarge"/>.</exception>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>.</exception>
    public async Task<int> MoveAsync(IReadOnlyList<long> ids, long classId, CancellationToken cancellationToken)
    {
        await RequireTakenAsync(ids, classId, cancellationToken);
        return await Images.MoveAsync(ids, classId, cancellationToken);
    }

    /// <summary>Changes an image; one that goes to another class as by <see cref="MoveAsync"/>.</summary>
    /// <exception cref="UploadException">Likewise.</exception>
    /// <exception cref="RecordsException"><see cref="RecordsError.ImageNotFound"/>, <see cref="RecordsError.ClassNotFound"/>.</exception>
    public async Task EditAsync(long id, ImageEdit edit, CancellationToken cancellationToken)
    {
        if (edit.ClassId is { } classId)
            await RequireTakenAsync([id], classId, cancellationToken);
        await Images.EditAsync(id, edit, cancellationToken);
    }

    /// <summary>Refuses what a class does not take, by its media type. A type that is not known is none that a class has named.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.TypeNotAllowed"/>.</exception>
    public static void RequireType(ClassPolicy policy, string mediaType)
    {
        if (policy.Types?.Any(name => FileTypeCatalog.Find(name)?.MediaType == mediaType) == false)
            throw new UploadException(UploadError.TypeNotAllowed, $"The class does not take {mediaType}.");
    }

    /// <summary>Refuses a policy that would put uploads where results lie: they would be hidden, and one day swept.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    internal void RequireApart(ClassPolicy policy)
    {
        if (policy.Prefix is { } prefix && derived.Value.Overlaps(prefix))
            throw Fields.Invalid("prefix 不能与 Images:Prefix 相同或互为上下级：那里存放图片处理的结果");
    }

    /// <summary>Refuses a policy whose watermarks are not there: every upload into the class would fail.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    /// <exception cref="StoreException">The store failed.</exception>
    internal async Task RequireMarksAsync(ClassPolicy policy, CancellationToken cancellationToken)
    {
        if (await treatments.MissingMarkAsync(policy, cancellationToken) is { } missing)
            throw Fields.Invalid($"image_process 的水印图片 {missing} 不在存储空间里");
    }

    internal static RecordsException NoClass(long id) => new(RecordsError.ClassNotFound, $"There is no class {id}, or it is disabled.");

    // An image that is in the class already does not move: consoles send the class along with every edit. What is not there, image or class,
    // is for the library to tell, in the words that it has always had.
    private async Task RequireTakenAsync(IReadOnlyList<long> ids, long classId, CancellationToken cancellationToken)
    {
        var moving = (await Images.FindAsync(ids, cancellationToken)).Where(image => image.ClassId != classId).ToList();
        if (moving.Count == 0 || (classId != 0 && (await Classes.LineageAsync(classId, cancellationToken)).Count == 0))
            return;

        var policy = await policies.EffectiveAsync(classId, cancellationToken);
        foreach (var image in moving)
        {
            RequireType(policy, image.MediaType);
            if (image.Size > policy.MaxFileBytes)
                throw new UploadException(UploadError.FileTooLarge, $"Image {image.Id} is larger than the class takes.") { Limit = policy.MaxFileBytes };
        }
    }
}
