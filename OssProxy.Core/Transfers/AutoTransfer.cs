using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>
/// Chooses by what arrives. A file that ends within the replay buffer is one PUT of known length that can be repeated after a stale
/// connection, a reset or a moment of the store's. A longer one goes on as it arrives: in one PUT when it is surely below the part
/// threshold, in parts when it may reach it and the store takes parts. Where the budget has no room for a replay buffer, the file streams
/// from where it stands and is sent once: whoever gathers never waits.
/// <para>Memory: at most <see cref="PartLimits.ReplayBytes"/> per open upload, grown as bytes arrive; in parts, what
/// <see cref="PartsTransfer"/> holds.</para>
/// </summary>
public sealed class AutoTransfer(BufferBudget budget, PartLimits limits) : ITransfer
{
    private readonly PartSending _parts = new(budget, limits);

    public string Name => "auto";

    public long MaxBytes(NamedStore store) => PartSending.MaxBytes(store);

    public async Task<StoredObject> SendAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        await using var body = new Lookahead(shipment.Content.Body);
        using var head = new Gathered(budget) { IsReplay = true };
        var outcome = await head.FillAsync(body, limits.ReplayBytes, cancellationToken);
        if (outcome == Gathering.Ended || await body.EndsAsync(cancellationToken))
            return await PartSending.PutWholeAsync(shipment, head, cancellationToken);
        if (shipment.Store.Parts is { } store && shipment.LongestLength >= limits.PartThreshold)
            return await _parts.SendAsync(store, shipment, head, body, cancellationToken);

        await using var flowing = new FlowingBody(head, body);
        return await shipment.Store.Store.PutAsync(shipment.Key, shipment.Content with { Body = flowing }, cancellationToken);
    }
}

/// <summary>
/// Everything goes in parts, but for a file that ends within the first of them: that is one PUT, which costs a third of the requests and can
/// be repeated as well. Memory: a quarter of the budget at most per open upload, and no more than what arrives. A store that takes no parts
/// gets the body as it arrives.
/// </summary>
public sealed class PartsTransfer(BufferBudget budget, PartLimits limits) : ITransfer
{
    private readonly PartSending _parts = new(budget, limits);

    public string Name => "parts";

    public long MaxBytes(NamedStore store) => PartSending.MaxBytes(store);

    public async Task<StoredObject> SendAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        if (shipment.Store.Parts is not { } store)
            return await shipment.Store.Store.PutAsync(shipment.Key, shipment.Content, cancellationToken);

        await using var body = new Lookahead(shipment.Content.Body);
        using var head = new Gathered(budget);
        var outcome = await head.FillAsync(body, Math.Min(limits.PartBytes, PartLimits.ShareOf(budget)), cancellationToken);
        return outcome == Gathering.Ended || await body.EndsAsync(cancellationToken)
            ? await PartSending.PutWholeAsync(shipment, head, cancellationToken)
            : await _parts.SendAsync(store, shipment, head, body, cancellationToken);
    }
}
