using System.Runtime.ExceptionServices;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>
/// The parts of one upload. A part is gathered while those before it are still being sent, then sent beside them, and can be repeated. What
/// has no room, in the budget or in this upload's own share of it, is sent as it arrives, one part at a time, and once. The first failure of
/// any part, or of the body, cancels everything else, is waited for to the end, and comes out unchanged.
/// <para>Waits for parts of its own alone, whose blocks the store's idle time-out brings back; never for room that others hold.</para>
/// </summary>
internal sealed class PartsUnderWay : IDisposable
{
    private readonly IPartUpload _upload;
    private readonly BufferBudget _budget;
    private readonly PartPlan _plan;
    private readonly int _mostParts;
    private readonly long _share;
    private readonly CancellationTokenSource _stop;
    private readonly List<(Task Sending, long Bytes)> _sending = [];
    private ExceptionDispatchInfo? _failure;

    public PartsUnderWay(
        IPartUpload upload, BufferBudget budget, PartPlan plan, int mostParts, CancellationToken cancellationToken)
    {
        _upload = upload;
        _budget = budget;
        _plan = plan;
        _mostParts = mostParts;
        _share = PartLimits.ShareOf(budget);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Sends all there is and returns when the store has every part.</summary>
    public async Task SendAllAsync(Gathered head, Lookahead body)
    {
        try
        {
            await SendPartAsync(1, head, body);
            for (var number = 2; !await body.EndsAsync(_stop.Token); number++)
                await SendPartAsync(number, new Gathered(_budget), body);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
        finally
        {
            // None of them throws, so all have ended when the first failure is told.
            await Task.WhenAll(_sending.Select(part => part.Sending));
        }

        _failure?.Throw();
    }

    public void Dispose() => _stop.Dispose();

    private async Task SendPartAsync(int number, Gathered part, Lookahead body)
    {
        var handedOver = false;
        try
        {
            var size = _plan.SizeOf(number);
            if (size <= _share)
            {
                await MakeRoomAsync(size);
                if (await part.FillAsync(body, size, _stop.Token) != Gathering.NoRoom)
                {
                    handedOver = true;
                    _sending.Add((SendGatheredAsync(number, part), part.Length));
                    return;
                }
            }

            // In chunks, because nobody knows whether it will be full (docs/oss-assumptions.md A12).
            await using var flowing = new FlowingBody(part, new NextBytes(body, Math.Max(0, size - part.Length)));
            await _upload.PutPartAsync(number, flowing, length: null, _stop.Token);
        }
        finally
        {
            if (!handedOver)
                part.Dispose();
        }
    }

    private async Task SendGatheredAsync(int number, Gathered part)
    {
        try
        {
            // The loop goes on reading the body meanwhile, also when a quick connection takes everything at once.
            await Task.Yield();
            await using var body = new GatheredBody(part);
            await _upload.PutPartAsync(number, body, part.Length, _stop.Token);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
        finally
        {
            part.Dispose();
        }
    }

    // Until another part of this size fits into this upload's share, beside those under way.
    private async Task MakeRoomAsync(long size)
    {
        while (true)
        {
            _sending.RemoveAll(part => part.Sending.IsCompleted);
            _stop.Token.ThrowIfCancellationRequested();
            if (_sending.Count < _mostParts && _sending.Sum(part => part.Bytes) + size <= _share)
                return;

            await Task.WhenAny(_sending.Select(part => part.Sending));
        }
    }

    private void Fail(Exception failure)
    {
        // The first one is the cause; what the cancellation makes of the others is not.
        if (Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null) is null)
            _stop.Cancel();
    }
}
