using Microsoft.Extensions.Options;
using OssProxy.Api.Forms;
using OssProxy.Api.Hosting;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Uploads;

/// <summary>What every upload controller does: opens the form and walks it through the pipeline.</summary>
public sealed class UploadDesk(
    UploadPipeline pipeline, UploadPolicies policies, OpenUploads open, UploadDrain drain, IOptions<UploadOptions> options,
    TimeProvider time)
{
    private readonly ClientPatience _patience =
        new(options.Value.IdleTimeout, options.Value.RateWindow, options.Value.MinBytesPerSecond, options.Value.TimeBudget);

    /// <summary>Into the main store, one file.</summary>
    public Task<IReadOnlyList<ImageRow>> StoreOneAsync(HttpContext context) =>
        StoreAsync(context, policies.Main(1, Mode(context)));

    /// <summary>Into the main store, as many files as configured.</summary>
    public Task<IReadOnlyList<ImageRow>> StoreSeveralAsync(HttpContext context) =>
        StoreAsync(context, policies.Main(options.Value.MaxFiles, Mode(context)));

    /// <summary>Onto the local disk, one file.</summary>
    public async Task<ImageRow> StoreLocallyAsync(HttpContext context, string? folder) =>
        (await StoreAsync(context, policies.Local(folder, Mode(context))))[0];

    // The token is the server's, not the client's: a client that leaves makes its body fail, which is how the pipeline knows whose fault
    // it was. Only a stop that has run out of patience cancels.
    private async Task<IReadOnlyList<ImageRow>> StoreAsync(HttpContext context, UploadPolicy policy)
    {
        using var place = open.Enter();
        using var form = new UploadForm(context, _patience, time);
        try
        {
            var receipts = await pipeline.RunAsync(form, policy, drain.Expired);
            return [.. receipts.Select(ImageRow.Of)];
        }
        catch (OperationCanceledException cancelled) when (drain.Expired.IsCancellationRequested)
        {
            throw new UploadException(UploadError.ServerStopping, "The server stops and has waited long enough.", cancelled);
        }
    }

    private static string? Mode(HttpContext context) => context.Request.Query["mode"];
}
