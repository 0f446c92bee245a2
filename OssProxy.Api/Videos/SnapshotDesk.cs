using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Hosting;
using OssProxy.Api.Library;
using OssProxy.Api.PublicFiles;
using OssProxy.Api.Uploads;
using OssProxy.Core.Identity;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;
using OssProxy.Core.Videos;

namespace OssProxy.Api.Videos;

/// <summary>Covers of videos for the chat clients: made of a file of ours, stored like an upload of the caller's, and counted like one.</summary>
public sealed class SnapshotDesk(
    VideoSnapshots snapshots, CallerFiles files, LibraryDesk library, UploadPipeline pipeline, UploadPolicies policies, OpenUploads open,
    UploadDrain drain, RateLimits rates, IOptions<GuestOptions> guests, TimeProvider time)
{
    private const string Folder = "VideoScreenshot";
    private const int RandomLetters = 12;

    /// <summary>Answers a request.</summary>
    /// <exception cref="ApiException">What is wrong with it, in the words that the clients know.</exception>
    /// <exception cref="ImageException"><see cref="ImageError.RenderingBusy"/>.</exception>
    /// <exception cref="UploadException">As for every upload.</exception>
    /// <exception cref="StoreException">As for every upload; or the video could not be read.</exception>
    public async Task<SnapshotView> TakeAsync(HttpContext context)
    {
        var letInAt = time.GetTimestamp();
        var request = SnapshotRequest.Of(await library.FieldsAsync(context));
        var entry = Entry.Of(context);
        open.RequireRoom();
        await using var share = await rates.EnterAsync(entry.Caller, entry.Address, drain.Expired);
        using var place = open.Enter();

        // What cannot be stored is not worth making.
        var door = policies.LocalDoor(Folder, transfer: null, Senders.Of(entry, guests.Value)) with { Name = Name };
        await policies.ForAsync(door, classId: 0, context.RequestAborted);
        var video = await files.FindAsync(context, request.VideoUrl, context.RequestAborted)
            ?? throw SnapshotRequest.Invalid("视频地址不属于本服务，或不是您上传的文件，请先上传视频");
        var picture = await PictureAsync(video.Store.Store, video.Key, request.Snapshot, context.RequestAborted);

        using var form = new MadePicture(picture.Content, letInAt);
        var receipts = await pipeline.RunAsync(form, (classId, token) => policies.ForAsync(door, classId, token), drain.Expired);
        return new SnapshotView(
            $"data:{picture.MediaType};base64,{Convert.ToBase64String(picture.Content.Span)}", receipts[0].Url, request.Format,
            request.TimeEcho, request.WidthEcho);
    }

    private async Task<RenderResult> PictureAsync(IObjectStore store, ObjectKey key, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            return await snapshots.TakeAsync(store, key, snapshot, cancellationToken);
        }
        catch (ImageException failure) when (failure.Error != ImageError.RenderingBusy)
        {
            // These clients have always been told so with 400, whatever the reason.
            var reason = failure.Error is ImageError.ImageDamaged or ImageError.RenderingFailed ? "" : ErrorTable.For(failure).Text;
            throw SnapshotRequest.Invalid(reason.Length == 0 ? "截图生成失败" : "截图处理失败: " + ReasonOf(failure.Error, reason));
        }
    }

    private static string ReasonOf(ImageError error, string otherwise) => error switch
    {
        ImageError.SourceNotFound => "视频不存在",
        ImageError.ProcessRefused => "该文件不是支持的视频",
        ImageError.EngineMissing => "服务器没有安装 ffmpeg，请联系管理员安装后重试",
        ImageError.ImageTooLarge => "视频尺寸或需要读取的数据太大",
        ImageError.RenderingTimedOut => "处理超时，请稍后重试",
        _ => otherwise,
    };

    private ObjectKey Name(UploadFolder folder, string extension) => ObjectKey.Parse(string.Create(
        CultureInfo.InvariantCulture,
        $"{folder}/screenshot_{time.GetUtcNow().ToUnixTimeMilliseconds()}_{RandomNumberGenerator.GetHexString(RandomLetters, lowercase: true)}{extension}"));
}
