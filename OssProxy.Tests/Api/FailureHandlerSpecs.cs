using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Api.Envelope;

namespace OssProxy.Tests.Api;

public sealed class FailureHandlerSpecs
{
    [Fact]
    public async Task A_client_that_leaves_while_it_is_answered_is_no_failure_of_the_handler()
    {
        using var left = new CancellationTokenSource();
        var context = new DefaultHttpContext { RequestAborted = left.Token };
        context.Response.Body = new DeadConnection(left);

        var handled = await new FailureHandler(NullLogger<FailureHandler>.Instance)
            .TryHandleAsync(context, new FileNotFoundException(), CancellationToken.None);

        left.IsCancellationRequested.Should().BeTrue("otherwise nothing has been tested");
        handled.Should().BeTrue("the framework logs an exception here as an error, with its stack");
    }

    // Notices that the client has gone when the answer is written.
    private sealed class DeadConnection(CancellationTokenSource left) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => 0;

        public override long Position { get; set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await left.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
            // Nothing is kept.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
