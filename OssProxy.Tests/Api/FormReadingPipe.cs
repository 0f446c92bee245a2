using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace OssProxy.Tests.Api;

/// <summary>
/// The same body as a pipe. Counts what is asked of it: a reader that neither takes anything nor waits for more would turn on the spot for
/// ever, which no time-out of a test could end.
/// </summary>
internal sealed class FormReadingPipe(FormReadingBody body) : PipeReader, IRequestBodyPipeFeature
{
    // Each byte may be waited for, looked at and taken separately, with some to spare.
    private const int MostReadsPerByte = 8;
    private const int MostReadsBeside = 1000;

    private readonly PipeReader _inner = Create(body);
    private int _reads;

    public PipeReader Reader => this;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        Count();
        return _inner.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        Count();
        return _inner.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => _inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);

    private void Count()
    {
        if (++_reads > (body.Size * MostReadsPerByte) + MostReadsBeside)
            throw new InvalidOperationException("The body is read without getting on.");
    }
}
