namespace OssProxy.Core.Videos;

/// <summary>How pictures of videos are made. Section <c>Videos</c>.</summary>
public sealed class VideoOptions
{
    public const string Section = "Videos";

    /// <summary>The program <c>ffmpeg</c>, with its path; empty to look for it where <c>PATH</c> says.</summary>
    public string Ffmpeg { get; set => field = value ?? ""; } = "";

    /// <summary>How many may work at a time; 1 to 16. Each takes a core and <see cref="MemoryBytes"/> at most. Default 1.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>How many may wait for that; 0 to 1,000. Default 8.</summary>
    public int Queue { get; set; } = 8;

    /// <summary>How long one may take, and how long one may wait to begin; 1 second to 10 minutes. Default 20 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The most bytes that are fetched of one video for one picture; 1 MiB to 5 TB. Default 200 MiB: what is not looked at is not
    /// fetched, so that a longer video gives a picture all the same.</summary>
    public long MaxBytes { get; set; } = 200L * 1024 * 1024;

    /// <summary>The address space that one may have, in bytes; 256 MiB to 64 GiB. Linux only. Default 1.5 GiB.</summary>
    public long MemoryBytes { get; set; } = 1536L * 1024 * 1024;
}
