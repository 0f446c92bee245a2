namespace OssProxy.Core.Rendering;

/// <summary>With what pictures are rendered and how far that may go. Section <c>Images</c>.</summary>
public sealed class RenderingOptions
{
    public const string Section = "Images";

    /// <summary>Worker processes, each at one job at a time; 0 (default) for as many as there are cores. 0 to 64.</summary>
    public int Workers { get; set; }

    /// <summary>Whether a worker is started with the server, which tells the log what can be read and written, and saves the first request
    /// the start. Default true.</summary>
    public bool Warm { get; set; } = true;

    /// <summary>Jobs that may wait. Default 64; 0 to 10,000.</summary>
    public int QueueLength { get; set; } = 64;

    /// <summary>How long a job may wait; one that is urgent also for the longest that a job before it may take, with its second try, because
    /// its client has sent everything by then. Default 10 s; 100 ms to 5 min.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a job may take once it is begun. Default 20 s; 100 ms to 10 min.</summary>
    public TimeSpan RenderTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Memory that a worker may have in bytes. Default 1 GiB; 256 MiB to 64 GiB.</summary>
    public long WorkerMemoryBytes { get; set; } = 1L << 30;

    /// <summary>Jobs after which a worker makes way for a new one. Default 500; 1 to 1,000,000.</summary>
    public int WorkerJobs { get; set; } = 500;

    /// <summary>After how long without a job a worker ends, unless it is the last. Default 5 min; 1 s to 24 h.</summary>
    public TimeSpan WorkerIdle { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>For how long a source is not tried again that has brought down two workers, or not with the process that took too
    /// much twice. Default 1 h; 1 s to 30 days.</summary>
    public TimeSpan PoisonTime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The path of the library; empty (default) to find it.</summary>
    public string Library { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Largest source in bytes. Default 20 MiB, as OSS has it by default; to 256 MiB.</summary>
    public long MaxSourceBytes { get; set; } = 20 << 20;

    /// <summary>Pixels of a source, times its frames. Default 50,000,000; to OSS's 250,000,000.</summary>
    public long MaxSourcePixels { get; set; } = 50_000_000;

    /// <summary>Longest side of a source in pixels. Default 16,384; to OSS's 30,000.</summary>
    public int MaxSourceSide { get; set; } = 16_384;

    /// <summary>Frames of an animation. Default 300; to 10,000.</summary>
    public int MaxFrames { get; set; } = 300;

    /// <summary>Pixels of a result, times its frames. Default and at most OSS's 16,777,216.</summary>
    public long MaxResultPixels { get; set; } = 16_777_216;

    /// <summary>Longest side of a result in pixels. Default and at most OSS's 16,384.</summary>
    public int MaxResultSide { get; set; } = 16_384;

    /// <summary>Image watermarks of one process. Default and by OSS's older word 3; to the 6 of its newer one.</summary>
    public int WatermarkImages { get; set; } = 3;

    /// <summary>How long a job may wait that is urgent: every worker may just have begun with one that takes all of its time twice.</summary>
    internal TimeSpan UrgentTimeout => QueueTimeout + 2 * RenderTimeout;

    /// <summary>Jobs that are done at once.</summary>
    internal int Lanes => Workers > 0 ? Workers : Environment.ProcessorCount;

    /// <summary>The limits of a job.</summary>
    public RenderLimits ToLimits() => new()
    {
        SourceBytes = MaxSourceBytes,
        SourceSide = MaxSourceSide,
        SourcePixels = MaxSourcePixels,
        Frames = MaxFrames,
        ResultSide = MaxResultSide,
        ResultPixels = MaxResultPixels,
        WatermarkImages = WatermarkImages,
    };
}
