using Microsoft.Extensions.Logging;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Videos;

/// <summary>
/// Pictures of videos that lie in our own stores, made by <c>ffmpeg</c> in a child process with limits. Costs a process, for one core and the
/// configured memory at most, and of the video what the program looks at: its index and what lies between the key frame and the frame that
/// is wanted. How many work and wait is bounded; who finds no place is told so at once.
/// </summary>
public sealed partial class VideoSnapshots : IDisposable
{
    /// <summary>The longest side that may be asked for, in pixels.</summary>
    public const int MaxSide = 3840;

    private readonly ObjectStores _stores;
    private readonly VideoOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<VideoSnapshots> _log;
    private readonly SemaphoreSlim _places;
    private int _present;

    public VideoSnapshots(ObjectStores stores, VideoOptions options, TimeProvider time, ILogger<VideoSnapshots> log)
    {
        (_stores, _options, _time, _log) = (stores, options, time, log);
        _places = new SemaphoreSlim(options.Workers);
    }

    /// <summary>The program; null when this machine has none.</summary>
    public string? Program => FfmpegProgram.Find(_options.Ffmpeg, Environment.GetEnvironmentVariable("PATH"));

    /// <summary>A picture of a video in the main store. At the end of the video and beyond it is that of the last key frame.</summary>
    /// <exception cref="ImageException"><see cref="ImageError.SourceNotFound"/>; <see cref="ImageError.ProcessRefused"/>: it is no video;
    /// <see cref="ImageError.ProcessInvalid"/>: the size; <see cref="ImageError.ImageDamaged"/>; <see cref="ImageError.ImageTooLarge"/>;
    /// <see cref="ImageError.EngineMissing"/>, <see cref="ImageError.RenderingBusy"/>, <see cref="ImageError.RenderingTimedOut"/>,
    /// <see cref="ImageError.RenderingFailed"/>: it was killed, or gave something else.</exception>
    /// <exception cref="StoreException">The store could not be read.</exception>
    public Task<RenderResult> TakeAsync(ObjectKey key, Snapshot snapshot, CancellationToken cancellationToken) =>
        TakeAsync(_stores.Main.Store, key, snapshot, cancellationToken);

    /// <inheritdoc cref="TakeAsync(ObjectKey, Snapshot, CancellationToken)"/>
    public async Task<RenderResult> TakeAsync(IObjectStore store, ObjectKey key, Snapshot snapshot, CancellationToken cancellationToken)
    {
        if (snapshot.Width is < 0 or > MaxSide || snapshot.Height is < 0 or > MaxSide)
            throw new ImageException(ImageError.ProcessInvalid, "InvalidArgument", $"A side of a snapshot is 0 to {MaxSide}.");
        var program = Program ?? throw new ImageException(ImageError.EngineMissing, "NotImplemented", "There is no ffmpeg on this machine.");
        await EnterAsync(cancellationToken);
        try
        {
            using var deadline = new CancellationTokenSource(_options.Timeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            try
            {
                return await TakeAsync(program, store, key, snapshot, either.Token);
            }
            catch (OperationCanceledException failure) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw TimedOut(failure);
            }
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _present) > _options.Workers + _options.Queue)
        {
            Interlocked.Decrement(ref _present);
            throw Busy();
        }

        var isIn = false;
        try
        {
            using var patience = new CancellationTokenSource(_options.Timeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
            await _places.WaitAsync(either.Token);
            isIn = true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Busy();
        }
        finally
        {
            if (!isIn)
                Interlocked.Decrement(ref _present);
        }
    }

    private void Leave()
    {
        _places.Release();
        Interlocked.Decrement(ref _present);
    }

    private async Task<RenderResult> TakeAsync(
        string program, IObjectStore store, ObjectKey key, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var (source, head) = await HeadAsync(store, key, cancellationToken)
            ?? throw new ImageException(ImageError.SourceNotFound, "NoSuchKey", "The specified key does not exist.");
        var identified = FileTypeCatalog.Identify(head.Span, head.Length == source.Length, Path.GetExtension(key.Value));
        var demuxer = identified.Type is { } type ? FfmpegCall.DemuxerOf(type) : null;
        if (demuxer is null)
            throw new ImageException(ImageError.ProcessRefused, "BadRequest", $"The object is no video that can be read: {identified.Name}.");

        var began = _time.GetTimestamp();
        await using var video = new LoopbackVideo(store, source, head, _options.MaxBytes, _time);
        video.Start();
        var picture = await RunAsync(lastKeyFrame: snapshot.Fast);

        // The exact way finds nothing from the last frame on; the other one finds the key frame before it.
        if (picture.Length == 0 && !snapshot.Fast)
            picture = await RunAsync(lastKeyFrame: true);
        if (picture.Length == 0)
            throw Damaged("It has no picture.");
        LogTaken(key.Value, (long)_time.GetElapsedTime(began).TotalMilliseconds, video.Fetched, source.Length);
        return Result(picture, snapshot.Format);

        async Task<byte[]> RunAsync(bool lastKeyFrame)
        {
            var arguments = FfmpegCall.Arguments(snapshot, demuxer, video.Address, lastKeyFrame);
            var run = await FfmpegRun.RunAsync(program, arguments, _options.MemoryBytes, _options.Timeout, cancellationToken);
            if (video.Fault is { } fault)
                throw fault is StoreException ? fault : new StoreException(StoreError.StoreFailed, "The video could not be read.", fault);
            if (run.Output is null)
                throw TooLarge($"The picture has more than {FfmpegRun.MaxOutputBytes} bytes.");
            if (video.IsSpent && (run.ExitCode != 0 || run.Output.Length == 0))
                throw TooLarge($"More than {_options.MaxBytes} bytes of the video would have to be fetched.");
            if (run.ExitCode == 0)
                return run.Output;
            LogRefused(key.Value, run.ExitCode, run.Said);
            if (run.IsKilled)
                throw Failed($"ffmpeg was killed: {run.ExitCode}.");
            throw run.Said.Contains("max pixel count", StringComparison.Ordinal)
                ? TooLarge("The video has too many pixels.") : Damaged($"ffmpeg ended with {run.ExitCode}.");
        }
    }

    private static async Task<(StoredObject Source, ReadOnlyMemory<byte> Head)?> HeadAsync(
        IObjectStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        await using var reading = await store.OpenAsync(key, new ByteRange(0, FileTypeCatalog.HeadBytes - 1), cancellationToken);
        if (reading is null)
            return null;
        var head = new byte[FileTypeCatalog.HeadBytes];
        var length = await reading.Body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return (reading.Source, head.AsMemory(0, length));
    }

    private static RenderResult Result(byte[] picture, ImageFormat format)
    {
        var type = FileTypeCatalog.Identify(picture, isWhole: true, extension: null).Type;
        var size = type is null ? null : PictureSize.Of(type, picture);
        var expected = format == ImageFormat.Png ? "png" : "jpeg";
        return type?.Name == expected && size is { } sides
            ? new RenderResult { Content = picture, MediaType = type.MediaType, Width = sides.Width, Height = sides.Height }
            : throw Failed($"ffmpeg has written no {expected}.");
    }

    private static ImageException Failed(string why) => new(ImageError.RenderingFailed, "InternalError", why);

    private static ImageException Busy() =>
        new(ImageError.RenderingBusy, "ServiceUnavailable", "All places for snapshots are taken.") { RetryAfter = TimeSpan.FromSeconds(5) };

    private static ImageException TimedOut(Exception failure) =>
        new(ImageError.RenderingTimedOut, "InternalError", "The snapshot has taken longer than it may.", ec: null, failure);

    private static ImageException Damaged(string why) => new(ImageError.ImageDamaged, "ImageDamage", "The video cannot be read. " + why);

    private static ImageException TooLarge(string why) => new(ImageError.ImageTooLarge, "ImageTooLarge", why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Snapshot of {Key}: {Elapsed} ms, {Fetched} of {Bytes} bytes fetched")]
    private partial void LogTaken(string key, long elapsed, long fetched, long bytes);

    // An attacker decides how often, and what stands in it.
    [LoggerMessage(Level = LogLevel.Debug, Message = "No snapshot of {Key}: ffmpeg ended with {ExitCode}: {Said}")]
    private partial void LogRefused(string key, int exitCode, string said);
}
