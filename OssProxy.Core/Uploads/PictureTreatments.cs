using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;

namespace OssProxy.Core.Uploads;

/// <summary>
/// Makes of a picture that comes in what its class wants, before a key is made and a row is claimed for it. The one place where an upload is
/// held: on the disk while the client sends and while the store takes it, in memory only while it is rendered, as many at a time as there are
/// workers. What cannot be treated is refused: a class that removes where a photo was taken stores none that tells it.
/// </summary>
/// <param name="render">Renders a job; the text tells sources apart, so that one which brings renderers down is refused at once.</param>
/// <param name="atATime">How many pictures are in memory together.</param>
/// <param name="patience">How long one waits for its turn among them.</param>
public sealed partial class PictureTreatments(
    Renderer render, RenderLimits limits, int atATime, TimeSpan patience, SpoolFolder folder,
    BufferBudget budget, ObjectStores stores, TimeProvider time, ILogger<PictureTreatments> log) : IDisposable
{
    // By then a place has become free, or the renderers hang.
    private static readonly TimeSpan PlaceRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private static readonly ImageProcess AverageHue = ProcessString.Parse("image/average-hue").Image!;

    private readonly SemaphoreSlim _places = new(atATime, atATime);
    private readonly LogPace _pace = new(LogPeriod, time);

    /// <summary>Treats a picture of which the body is the whole.</summary>
    /// <param name="picture">As it comes in; when its client has gone, it waits for no turn.</param>
    /// <exception cref="ImageException">The picture is damaged or too large, nothing is there to treat it with, or it was not its turn in
    /// time.</exception>
    /// <exception cref="UploadException"><see cref="UploadError.TreatmentFailed"/>: what the class wants cannot be done;
    /// <see cref="UploadError.ClientClosed"/>.</exception>
    /// <exception cref="StoreException">A watermark's image cannot be read.</exception>
    /// <exception cref="TransferException">The spool folder's fault.</exception>
    internal async Task<TreatedPicture> TreatAsync(
        PictureTreatment treatment, FileType type, IncomingFile picture, CancellationToken cancellationToken)
    {
        var source = folder.Create();
        try
        {
            await FillAsync(source, picture.Body, cancellationToken);
            await EnterAsync(picture, cancellationToken);
            try
            {
                return await RenderAsync(treatment, type, source, cancellationToken);
            }
            finally
            {
                _places.Release();
            }
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first image of the watermarks that a class puts on its pictures which is not in the store; null when all are there.
    /// </summary>
    /// <exception cref="StoreException">The store failed.</exception>
    public async Task<string?> MissingMarkAsync(ClassPolicy policy, CancellationToken cancellationToken)
    {
        if (PictureTreatment.Of(policy)?.Process is not { } process)
            return null;
        foreach (var name in process.WatermarkKeys)
        {
            if (!ObjectKey.TryParse(name, out var key) || await stores.Main.Store.HeadAsync(key, cancellationToken) is null)
                return name;
        }

        return null;
    }

    public void Dispose() => _places.Dispose();

    // Nothing has been claimed by now: who gives up leaves nothing behind, and who has left does not keep the others waiting.
    private async Task EnterAsync(IncomingFile picture, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, picture.ClientLeft, cancellationToken);
        try
        {
            await _places.WaitAsync(either.Token);
        }
        catch (OperationCanceledException end) when (!cancellationToken.IsCancellationRequested)
        {
            throw picture.ClientLeft.IsCancellationRequested
                ? new UploadException(UploadError.ClientClosed, "The client left while its picture waited for its turn.", end)
                : RenderFaults.Busy(PlaceRetry);
        }
    }

    // Takes the source over when it returns.
    private async Task<TreatedPicture> RenderAsync(
        PictureTreatment treatment, FileType type, FileStream source, CancellationToken cancellationToken)
    {
        var bytes = GC.AllocateUninitializedArray<byte>((int)source.Length, pinned: true);
        source.Position = 0;
        await source.ReadExactlyAsync(bytes, cancellationToken);
        var name = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var result = treatment.ProcessOf(type) is { } process ? await ProcessAsync(process, bytes, name, cancellationToken) : null;

        var content = result is { Unchanged: false } ? result.Content : bytes;
        var color = treatment.MainColor ? await ColorAsync(content, name, cancellationToken) : null;
        var size = result is { Width: > 0 } ? new PictureSize(result.Width, result.Height) : PictureSize.Of(type, content.Span);
        if (result is not { Unchanged: false })
            return new TreatedPicture(source, type, size, color);

        var made = FileTypeCatalog.All.First(one => one.MediaType == result.MediaType);
        var target = folder.Create();
        try
        {
            await target.WriteAsync(content, cancellationToken);
            await source.DisposeAsync();
            return new TreatedPicture(target, made, size, color);
        }
        catch (IOException failure)
        {
            await target.DisposeAsync();
            throw new TransferException(TransferError.SpoolFailed, "Writing the spool file failed.", failure) { NeverSent = true };
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    // What the class asks for and a picture cannot give is the fault of whoever wrote the class.
    private async Task<RenderResult> ProcessAsync(ImageProcess process, byte[] bytes, string name, CancellationToken cancellationToken)
    {
        var job = Job(bytes, process) with { Marks = await MarksAsync(process, cancellationToken) };
        try
        {
            return await render(job, name, cancellationToken);
        }
        catch (ImageException failure) when (failure.Error is ImageError.ProcessInvalid or ImageError.ProcessRefused or ImageError.WatermarkRefused)
        {
            throw CannotBeDone(process, failure.Message, failure);
        }
    }

    private async Task FillAsync(FileStream file, Stream body, CancellationToken cancellationToken)
    {
        folder.KeepReserve(limits.SourceBytes);
        await budget.CopyAsync(
            body,
            async (bytes, token) =>
            {
                if (file.Length + bytes.Length > limits.SourceBytes)
                    throw TooLarge(limits.SourceBytes);
                try
                {
                    await file.WriteAsync(bytes, token);
                }
                catch (IOException failure)
                {
                    throw new TransferException(TransferError.SpoolFailed, "Writing the spool file failed.", failure) { NeverSent = true };
                }
            },
            cancellationToken);
    }

    private async Task<ImmutableDictionary<string, ReadOnlyMemory<byte>>> MarksAsync(ImageProcess process, CancellationToken cancellationToken)
    {
        var marks = ImmutableDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var name in process.WatermarkKeys)
        {
            await using var reading = ObjectKey.TryParse(name, out var key) ? await stores.Main.Store.OpenAsync(key, range: null, cancellationToken) : null;
            if (reading is null || reading.Source.Length is 0 || reading.Source.Length > limits.SourceBytes)
                throw CannotBeDone(process, $"The watermark's image {name} is missing, empty or too large.", inner: null);
            var bytes = new byte[reading.Source.Length];
            try
            {
                await reading.Body.ReadExactlyAsync(bytes, cancellationToken);
            }
            catch (EndOfStreamException failure)
            {
                throw new StoreException(StoreError.StoreFailed, "The object ended before its length.", failure);
            }

            marks.Add(name, bytes);
        }

        return marks.ToImmutable();
    }

    private async Task<string?> ColorAsync(ReadOnlyMemory<byte> picture, string name, CancellationToken cancellationToken)
    {
        var hue = await render(Job(picture, AverageHue), name, cancellationToken);
        using var json = JsonDocument.Parse(hue.Content);
        return json.RootElement.GetProperty("RGB").GetString() is { Length: 8 } color ? "#" + color[2..] : null;
    }

    // The client has sent all of it by now: what others ask to look at waits.
    private RenderJob Job(ReadOnlyMemory<byte> picture, ImageProcess process) =>
        new() { Source = picture, Process = process, Limits = limits, IsUrgent = true };

    // Whoever uploads can do nothing about it; whoever wrote the class has to hear of it.
    private UploadException CannotBeDone(ImageProcess process, string reason, Exception? inner)
    {
        if (_pace.TryPass(out var held))
            LogCannot(process.Canonical, reason, held);
        return new UploadException(UploadError.TreatmentFailed, $"The class's process cannot be done: {reason}", inner);
    }

    private static ImageException TooLarge(long most) =>
        new(ImageError.ImageTooLarge, "ImageTooLarge", $"Maximal size of image supported is {most} bytes.");

    [LoggerMessage(Level = LogLevel.Error,
        Message = "A picture was refused because the image_process of its class, {Process}, cannot be done: {Reason}; {Held} such lines were held back")]
    private partial void LogCannot(string process, string reason, int held);
}
