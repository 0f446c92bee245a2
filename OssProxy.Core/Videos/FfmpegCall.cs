using System.Globalization;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Images;

namespace OssProxy.Core.Videos;

/// <summary>
/// What the program is told. It reads one address, with the demuxer that the content has earned: a playlist, a list of files or anything else
/// that names other addresses is never taken for one. No text of a client is among the arguments.
/// </summary>
internal static class FfmpegCall
{
    // What clients record and browsers play. Everything else, sound included, stays shut: most decoders have not been looked at for years.
    private const string Decoders = "h264,hevc,mpeg4,h263,vp8,vp9,av1,libdav1d,theora,mjpeg";

    // A picture of 8K has 33 million.
    private const string MaxPixels = "40000000";

    // The largest single piece of memory: a picture of that size in four bytes per pixel, and what comes with it.
    private const string MaxPiece = "268435456";

    /// <summary>The demuxer for a type of video; null for none that is known.</summary>
    public static string? DemuxerOf(FileType type) => type.Name switch
    {
        "mp4" or "mov" or "3gp" => "mov",
        "webm" => "matroska",
        "ogv" => "ogg",
        _ => null,
    };

    /// <summary>The arguments, one by one; no shell reads them.</summary>
    /// <param name="lastKeyFrame">Whether the key frame before <see cref="Snapshot.At"/> is wanted, or the last one where that lies beyond the
    /// end; otherwise the exact frame.</param>
    public static IEnumerable<string> Arguments(Snapshot snapshot, string demuxer, Uri source, bool lastKeyFrame)
    {
        string[] reading =
        [
            "-nostdin", "-hide_banner", "-loglevel", "error", "-max_alloc", MaxPiece, "-protocol_whitelist", "http,tcp,pipe",
            "-codec_whitelist", Decoders, "-max_pixels", MaxPixels, "-threads", "1", "-f", demuxer,
        ];
        string[] seeking = lastKeyFrame ? ["-noaccurate_seek", "-skip_frame", "nokey"] : [];
        string[] turning = snapshot.AutoRotate ? [] : ["-noautorotate"];
        string[] writing =
        [
            "-ss", snapshot.At.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture), "-i", source.AbsoluteUri,

            // V: not the picture that an album has for its cover.
            "-map", "0:V:0", "-an", "-sn", "-dn", "-map_metadata", "-1", "-frames:v", "1", "-vf", Filters(snapshot), "-threads", "1",
        ];
        string[] format = snapshot.Format == ImageFormat.Png
            ? ["-c:v", "png", "-pix_fmt", "rgb24"]
            : ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "3"];
        return [.. reading, .. seeking, .. turning, .. writing, .. format, "-f", "image2pipe", "pipe:1"];
    }

    // Behind the turning that the program does by itself, and before the size, which is that of the picture as it comes out. A picture that
    // stands as it should, or is square, passes through.
    private static string TurnOf(SnapshotTurn turn) => turn switch
    {
        SnapshotTurn.Portrait => ",transpose=dir=clock:passthrough=portrait",
        SnapshotTurn.Landscape => ",transpose=dir=clock:passthrough=landscape",
        _ => "",
    };

    // The times are taken away: a key frame before the place that was sought has a negative one, and would be dropped.
    private static string Filters(Snapshot snapshot)
    {
        static string Side(int side) => side == 0 ? "-1" : side.ToString(CultureInfo.InvariantCulture);
        var size = snapshot is { Width: 0, Height: 0 } ? "" : $",scale=w={Side(snapshot.Width)}:h={Side(snapshot.Height)}";
        return "setpts=0" + TurnOf(snapshot.Turn) + size;
    }
}
