using System.IO.Pipelines;

namespace OssProxy.Tests.Api;

/// <summary>A reader that counts how often it was cut off, and can be taken away.</summary>
internal sealed class WatchedReader(PipeReader inner) : PipeReader
{
    /// <summary>How often a read was cut off.</summary>
    public int Cuts { get; private set; }

    /// <summary>As Kestrel's reader is once the server has aborted the request: whatever is asked of it throws.</summary>
    public bool IsGone { get; set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Living().ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => Living().TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => Living().AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => Living().AdvanceTo(consumed, examined);

    public override void CancelPendingRead()
    {
        Living().CancelPendingRead();
        Cuts++;
    }

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private PipeReader Living() => IsGone ? throw new TaskCanceledException("The request was aborted") : inner;
}
