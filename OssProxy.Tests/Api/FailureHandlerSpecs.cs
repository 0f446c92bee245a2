using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Api.Envelope;
using OssProxy.Core.Images;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

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

    [Theory]
    [InlineData(UploadError.TooManyUploads, "5", LogLevel.Debug)]
    [InlineData(UploadError.ServerStopping, "5", LogLevel.Debug)]
    [InlineData(StoreError.StoreBusy, "5", LogLevel.Warning)]
    [InlineData(RecordsError.RecordsUnavailable, "5", LogLevel.Error)]
    [InlineData(UploadError.FileTooLarge, "", LogLevel.Debug)]
    [InlineData(StoreError.StoreFailed, "", LogLevel.Warning)]
    [InlineData(ImageError.RenderingBusy, "5", LogLevel.Debug)]
    [InlineData(ImageError.RenderingTimedOut, "", LogLevel.Debug)]
    [InlineData(ImageError.EngineMissing, "", LogLevel.Debug)]
    [InlineData(ImageError.RenderingFailed, "", LogLevel.Error)]
    public async Task What_passes_says_when_to_come_back_and_what_a_client_can_multiply_is_no_error(Enum error, string seconds, LogLevel level)
    {
        var log = new LevelLog();
        var context = new DefaultHttpContext();
        Exception failure = error switch
        {
            UploadError upload => new UploadException(upload, "x"),
            StoreError store => new StoreException(store, "x"),
            ImageError image => new ImageException(image, "x", "x"),
            _ => new RecordsException((RecordsError)error, "x"),
        };

        await new FailureHandler(log).TryHandleAsync(context, failure, CancellationToken.None);

        context.Response.Headers.RetryAfter.ToString().Should().Be(seconds);
        log.Levels.Should().Equal(level);
    }

    private sealed class LevelLog : ILogger<FailureHandler>
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Levels.Add(logLevel);
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
