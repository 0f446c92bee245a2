namespace OssProxy.Core.Streams;

/// <summary>Passes a body on to a disk, piece by piece, within the budget.</summary>
public static class BufferBudgetCopy
{
    /// <summary>
    /// Reads a body to its end and hands over each piece of at most one block. Where gathering has room, one block serves the whole body;
    /// where it has none, a moving block is rented for each piece, after a read of no bytes has waited for the client, so that it is not
    /// held while nothing comes. What the body or <paramref name="take"/> throws passes unchanged.
    /// </summary>
    public static async Task CopyAsync(
        this BufferBudget budget, Stream body, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        if (budget.TryRent(out var own))
        {
            using (own)
            {
                while (await PassAsync(own, body, take, cancellationToken))
                {
                    // Until the end.
                }
            }

            return;
        }

        bool more;
        do
        {
            _ = await body.ReadAsync(Memory<byte>.Empty, cancellationToken);
            using var block = await budget.RentAsync(cancellationToken);
            more = await PassAsync(block, body, take, cancellationToken);
        }
        while (more);
    }

    private static async ValueTask<bool> PassAsync(
        BufferBlock block, Stream body, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        var read = await body.ReadAsync(block.Memory, cancellationToken);
        if (read == 0)
            return false;

        await take(block.Memory[..read], cancellationToken);
        return true;
    }
}
