using Microsoft.Extensions.Options;
using OssProxy.Api.Envelope;
using OssProxy.Api.Forms;
using OssProxy.Core.Records;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Library;

/// <summary>What every controller of the consoles works with.</summary>
public sealed class LibraryDesk(
    UploadPolicies policies, IOptions<UploadOptions> options, TimeProvider time, ImageClasses? classes = null, ImageLibrary? images = null)
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

    /// <summary>Deletes images for as long as their classes' policies keep them, and returns how many there were.</summary>
    public async Task<int> DeleteAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken) =>
        await Images.DeleteAsync(ids, await policies.RetentionsAsync(cancellationToken), cancellationToken);

    internal static RecordsException NoClass(long id) => new(RecordsError.ClassNotFound, $"There is no class {id}, or it is disabled.");
}
