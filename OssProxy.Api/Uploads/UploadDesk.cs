using Microsoft.Extensions.Options;
using OssProxy.Api.Access;
using OssProxy.Api.Forms;
using OssProxy.Api.Hosting;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Uploads;

/// <summary>What every upload controller does: opens the form and walks it through the pipeline.</summary>
public sealed class UploadDesk(
    UploadPipeline pipeline, UploadPolicies policies, IUploadRecords records, OpenUploads open, UploadDrain drain,
    RateLimits rates, Authenticator authenticator, IOptions<UploadOptions> options, IOptions<GuestOptions> guests, TimeProvider time)
{
    private readonly ClientPatience _patience =
        new(options.Value.IdleTimeout, options.Value.RateWindow, options.Value.MinBytesPerSecond, options.Value.TimeBudget);

    /// <summary>Into the main store, one file of a client.</summary>
    public Task<IReadOnlyList<ImageRow>> StoreOneAsync(HttpContext context) =>
        StoreAsync(context, policies.MainDoor(1, Mode(context), Sender(context)));

    /// <summary>Into the main store, as many files of a console as configured.</summary>
    public Task<IReadOnlyList<ImageRow>> StoreSeveralAsync(HttpContext context) =>
        StoreAsync(context, policies.MainDoor(options.Value.MaxFiles, Mode(context), Sender(context), refusesUnknownClass: true));

    /// <summary>Onto the local disk, one file of a client.</summary>
    public async Task<ImageRow> StoreLocallyAsync(HttpContext context, string? folder) =>
        (await StoreAsync(context, policies.LocalDoor(folder, Mode(context), Sender(context))))[0];

    // The token is the server's, not the client's: a client that leaves makes its body fail, which is how the pipeline knows whose fault
    // it was. Only a stop that has run out of patience cancels.
    private async Task<IReadOnlyList<ImageRow>> StoreAsync(HttpContext context, UploadDoor door)
    {
        try
        {
            var (letInAt, hasAsked) = (time.GetTimestamp(), false);
            var addressed = await BeforeTheBodyAsync(context.Request, door, drain.Expired);

            // The caller's own place first: who waits for one, or has none, must not hold one of everybody's meanwhile. It may cost the
            // database something, which who finds no place here is not worth.
            open.RequireRoom();
            var entry = Entry.Of(context);
            await using var share = await rates.EnterAsync(entry.Caller, entry.Address, drain.Expired);
            using var place = open.Enter();
            using var form = new UploadForm(context, _patience, letInAt, time);
            var receipts = await pipeline.RunAsync(form, PolicyAsync, drain.Expired);
            return [.. receipts.Select(receipt => ImageRow.Of(receipt, records.AreKept))];

            // What was asked before the body answers once: whoever asks again wants to know what holds by then, and so does the door, which
            // may have let in somebody who has been shut out meanwhile.
            async Task<UploadPolicy> PolicyAsync(long classId, CancellationToken cancellationToken)
            {
                var (asked, isAgain) = (addressed, hasAsked);
                (addressed, hasAsked) = (null, true);
                if (isAgain)
                    await authenticator.RequireStillAsync(entry.Token, cancellationToken);
                return asked?.NamedClassId == classId ? asked : await policies.ForAsync(door, classId, cancellationToken);
            }
        }
        catch (OperationCanceledException cancelled) when (drain.Expired.IsCancellationRequested)
        {
            throw new UploadException(UploadError.ServerStopping, "The server stops and has waited long enough.", cancelled);
        }
    }

    // The policy of the class that the address names; null when it names none, and a field may. Refuses what cannot succeed.
    private async Task<UploadPolicy?> BeforeTheBodyAsync(HttpRequest request, UploadDoor door, CancellationToken cancellationToken)
    {
        var classId = FormFields.ClassOf(FormFields.OfQuery(request.Query["imageClassId"]));
        if (classId == 0)
        {
            await policies.RequireLengthAsync(door, request.ContentLength, cancellationToken);
            return null;
        }

        var policy = await policies.ForAsync(door, classId, cancellationToken);
        policy.RequireLength(request.ContentLength);
        return policy;
    }

    private Sender Sender(HttpContext context) => Senders.Of(Entry.Of(context), guests.Value);

    private static string? Mode(HttpContext context) => context.Request.Query["mode"];
}
