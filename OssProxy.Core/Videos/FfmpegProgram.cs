using System.Text;
using OssProxy.Core.Images;

namespace OssProxy.Core.Videos;

/// <summary>Where the program is, and which one.</summary>
public static class FfmpegProgram
{
    private const long VersionMemory = 1L << 30;
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The path of the program; null when there is none. Asked anew for each picture, so that what has been installed meanwhile is
    /// found.</summary>
    /// <param name="configured">What <see cref="VideoOptions.Ffmpeg"/> says; empty to look in <paramref name="searchPath"/>.</param>
    /// <param name="searchPath">Folders, as <c>PATH</c> lists them.</param>
    public static string? Find(string configured, string? searchPath)
    {
        if (configured.Length > 0)
            return File.Exists(configured) ? configured : null;
        var name = OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";

        // A relative folder would be one of whoever starts the server.
        return (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>What it calls itself: <c>5.1.9-0+deb12u1</c>; null when it does not say, and so cannot be used.</summary>
    public static async Task<string?> VersionAsync(string program, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(VersionTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var run = await FfmpegRun.RunAsync(program, ["-version"], VersionMemory, VersionTimeout, either.Token);
            return Encoding.UTF8.GetString(run.Output ?? []).Split(' ') is ["ffmpeg", "version", var version, ..] ? version : null;
        }
        catch (Exception failure) when (failure is ImageException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
