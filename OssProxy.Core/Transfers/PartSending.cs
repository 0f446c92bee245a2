using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>Sends a body of any length in parts: what <c>auto</c> and <c>parts</c> have in common.</summary>
internal sealed class PartSending(BufferBudget budget, PartLimits limits)
{
    private readonly PartPlan _plan = new(limits.PartBytes);

    /// <summary>The largest object that can be brought to this store by parts, or, when it takes none, by one put.</summary>
    public static long MaxBytes(NamedStore store) => store.Parts is null ? store.MaxObjectBytes : PartPlan.MaxObjectBytes;

    /// <summary>Puts what was gathered, which is all of it.</summary>
    public static async Task<StoredObject> PutWholeAsync(Shipment shipment, Gathered whole, CancellationToken cancellationToken)
    {
        await using var body = new GatheredBody(whole);
        var content = shipment.Content with { Body = body, Length = whole.Length };
        return await shipment.Store.Store.PutAsync(shipment.Key, content, cancellationToken);
    }

    /// <summary>Begins, sends all parts, joins them; what is not joined is aborted, and the shipment is told what may be left.</summary>
    /// <param name="head">What has been gathered of the body: the beginning of the first part, which is larger than
    /// planned when this is. Taken over.</param>
    /// <param name="body">The rest, which has not ended.</param>
    public async Task<StoredObject> SendAsync(
        IMultipartObjectStore store, Shipment shipment, Gathered head, Lookahead body, CancellationToken cancellationToken)
    {
        head.IsReplay = false;
        var upload = await BeginAsync(store, shipment, cancellationToken);
        var joining = false;
        try
        {
            using (var parts = new PartsUnderWay(upload, budget, _plan, limits.PartsInFlight, cancellationToken))
                await parts.SendAllAsync(head, body);

            joining = true;
            return await upload.CompleteAsync(cancellationToken);
        }
        finally
        {
            await upload.DisposeAsync();
            shipment.PartsLeft = upload.MayBeLeft ? true : joining ? null : false;
        }
    }

    private static async Task<IPartUpload> BeginAsync(IMultipartObjectStore store, Shipment shipment, CancellationToken cancellationToken)
    {
        try
        {
            return await store.BeginAsync(shipment.Key, shipment.Content, cancellationToken);
        }
        catch (Exception failure)
        {
            // An answer that was lost may have been the name of an upload that has begun.
            shipment.PartsLeft = failure is not StoreException refused || !SurelyNotBegun(refused);
            throw;
        }
    }

    private static bool SurelyNotBegun(StoreException failure) =>
        failure.MayBeStored == false
        || (failure.MayBeStored is null
            && failure.Error is StoreError.StoreAccessDenied or StoreError.StoreMisconfigured or StoreError.ObjectExists or StoreError.StoreBusy);
}
