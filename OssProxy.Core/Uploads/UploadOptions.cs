using OssProxy.Core.Streams;

namespace OssProxy.Core.Uploads;

/// <summary>What uploads may be and how they travel. Section <c>Uploads</c>.</summary>
public sealed class UploadOptions
{
    public const string Section = "Uploads";

    /// <summary>How a file gets to the store when the request does not say: <c>auto</c>, <c>stream</c>, <c>temp</c> or
    /// <c>parts</c>.</summary>
    public string Transfer { get; set => field = value ?? ""; } = "auto";

    /// <summary>All buffers of the process that hold bytes of files, together; 8 MiB to 16 GiB. Default 64 MiB.</summary>
    public long BufferBytes { get; set; } = BufferBudget.DefaultBytes;

    /// <summary>With <c>auto</c>: what a file is gathered up to, to be sent in one piece that can be repeated; 64 KiB to an eighth of
    /// <see cref="BufferBytes"/>, which is what all replay buffers have together. Default 1 MiB.</summary>
    public long ReplayBytes { get; set; } = 1024 * 1024;

    /// <summary>With <c>auto</c>: files that may be as long as this go in parts; 1 MiB to 5 GiB. Default 64 MiB.</summary>
    public long PartThreshold { get; set; } = 64L * 1024 * 1024;

    /// <summary>Bytes of a part, 1 MiB to 512 MiB; grows from the 751st part on. A part can be repeated when it fits into a quarter of
    /// <see cref="BufferBytes"/>. Default 8 MiB.</summary>
    public long PartBytes { get; set; } = 8L * 1024 * 1024;

    /// <summary>The most parts of one file under way at a time; 1 to 16. Default 3.</summary>
    public int PartsInFlight { get; set; } = 3;

    /// <summary>With <c>temp</c>: what the spool folder's disk keeps free, in bytes; 0 to 1 TiB. Default 256 MiB.</summary>
    public long TempReserveBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Largest file in bytes, 1 byte to 5 TB; with <c>stream</c> and <c>temp</c> the main doors take no more than the store does in
    /// one put (OSS: 5 GB). Default 50 MB, as the clients' first server had it.</summary>
    public long MaxFileBytes { get; set; } = 50L * 1024 * 1024;

    /// <summary>Most files in one request of the doors that take several; 1 to 100.</summary>
    public int MaxFiles { get; set; } = 10;

    /// <summary>The types that may be stored, by name and separated by commas (<c>jpeg,png,mp4</c>); empty for all that are known.</summary>
    public string AllowedTypes { get; set => field = value ?? ""; } = "";

    /// <summary>First segment of the keys that the main doors make.</summary>
    public string Prefix { get; set => field = value ?? ""; } = "images";

    /// <summary>How files are given out: <c>auto</c> (in place what a browser may show safely, anything else as a download) or
    /// <c>attachment</c> (everything as a download).</summary>
    public string Disposition { get; set => field = value ?? ""; } = "auto";

    /// <summary>Whether the client's file name becomes the name of the image and of its download. Never a part of the key.</summary>
    public bool KeepName { get; set; }

    /// <summary>Whether the SHA-256 of each file is computed and recorded.</summary>
    public bool Sha256 { get; set; }

    /// <summary>What is done to pictures before they are stored, in the words of <c>x-oss-process</c> (<c>image/resize,l_2000</c>); empty for
    /// nothing.</summary>
    public string ImageProcess { get; set => field = value ?? ""; } = "";

    /// <summary>Whether HEIC pictures are stored as JPEG.</summary>
    public bool HeicToJpeg { get; set; }

    /// <summary>Whether the main colour of pictures is recorded.</summary>
    public bool MainColor { get; set; }

    /// <summary>Most files of one owner in one class and day; 0 for any number. All clients that are not known are one owner.</summary>
    public long FilesPerDay { get; set; }

    /// <summary>Most bytes of one owner in one class and day; 0 for any number.</summary>
    public long BytesPerDay { get; set; }

    /// <summary>How long a deleted image can be restored before its object is removed; 0 to 365 days. Default 1 day.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Where spool files live; empty means <c>spool</c> in the data folder.</summary>
    public string TempFolder { get; set => field = value ?? ""; } = "";

    /// <summary>How long a client may send nothing at all before its upload is ended; 1 second to 1 hour. Default 30 seconds.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The slowest average at which a client may send, in bytes per second over <see cref="RateWindow"/>; 0 to 1,000,000, 0 for
    /// none. Default 240: a byte now and then is an attack, the worst of mobile networks is 20 times as fast.</summary>
    public int MinBytesPerSecond { get; set; } = 240;

    /// <summary>The time over which <see cref="MinBytesPerSecond"/> is measured; 1 second to 1 hour. Default 30 seconds.</summary>
    public TimeSpan RateWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request may take in all; 1 second to 7 days. Default 6 hours: ends whoever stays just above the slowest
    /// rate.</summary>
    public TimeSpan TimeBudget { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Most uploads that are open at a time in this process, over all doors; 1 to 1,000,000. Default 5,000: one that has gone
    /// idle costs some 22 KiB, 110 MB in all; 64 KiB more when it stops inside a head or a delimiter.</summary>
    public int MaxOpen { get; set; } = 5000;

    /// <summary>The IANA time zone of the date folders.</summary>
    public string TimeZone { get; set => field = value ?? ""; } = "Asia/Shanghai";

    /// <summary>How long the undoing of one failed upload may take before it is left to the background; 1 second to 1 minute.</summary>
    public TimeSpan CleanUpTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after an upload that the store never answered its key is deleted once more and its row released; how long after a
    /// start the keys of what a killed process left are deleted once more; and how long a commit without an answer is left alone. 1 second to 1 hour. Default 1 minute.</summary>
    public TimeSpan RecheckDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What holds for every class that does not say otherwise.</summary>
    internal ClassPolicy Policy() => new()
    {
        MaxFileBytes = MaxFileBytes,
        Types = AllowedTypeNames().ToList() is { Count: > 0 } types ? types : null,
        Prefix = Prefix,
        Disposition = Disposition,
        Transfer = Transfer,
        FilesPerDay = FilesPerDay > 0 ? FilesPerDay : null,
        BytesPerDay = BytesPerDay > 0 ? BytesPerDay : null,
        KeepName = KeepName,
        RetentionSeconds = (long)Retention.TotalSeconds,
        Clients = true,
        Sha256 = Sha256,
        ImageProcess = ImageProcess,
        HeicToJpeg = HeicToJpeg,
        MainColor = MainColor,
        TimeBudgetSeconds = (long)TimeBudget.TotalSeconds,
    };

    /// <summary>The names in <see cref="AllowedTypes"/>.</summary>
    internal IEnumerable<string> AllowedTypeNames() =>
        AllowedTypes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
