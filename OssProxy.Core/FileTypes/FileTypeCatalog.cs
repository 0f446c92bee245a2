using System.Collections.Immutable;
using static OssProxy.Core.FileTypes.FileFamily;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// What a file is, by its first bytes. The catalogue has one row per type that may be stored; its signature stands in the class of its
/// container, since one container holds several types. Whatever is not recognised is refused. Content decides; the name is asked only
/// where content cannot tell kinds apart, and can only ever narrow what content allows. A pass reads each byte of the head a small fixed
/// number of times, allocates one small answer and never throws.
/// </summary>
/// <remarks>
/// A file may be of two types at once (a JPEG with HTML behind it). Such a file is the type of its header and stays harmless through how
/// it is served: with that media type and <c>nosniff</c>, and as an attachment unless <see cref="FileType.Inline"/>.
/// </remarks>
public static class FileTypeCatalog
{
    /// <summary>
    /// How many first bytes identification looks at, in bytes. 8192, because: a browser sniffs 1445 (WHATWG MIME Sniffing, 5.2); Office
    /// files name their main part within the first 2–4 KB; two frames of MP3 or AAC fit below 4 KB; and padding chunks in WAV
    /// files reach 4 KB.
    /// </summary>
    public const int HeadBytes = 8192;

    internal static readonly FileType Jpeg = new("jpeg", Image, "image/jpeg", [".jpg", ".jpeg", ".jfif"], Inline: true);
    internal static readonly FileType Png = new("png", Image, "image/png", [".png"], Inline: true);
    internal static readonly FileType Gif = new("gif", Image, "image/gif", [".gif"], Inline: true);
    internal static readonly FileType WebP = new("webp", Image, "image/webp", [".webp"], Inline: true);
    internal static readonly FileType Bmp = new("bmp", Image, "image/bmp", [".bmp"], Inline: true);
    internal static readonly FileType Tiff = new("tiff", Image, "image/tiff", [".tif", ".tiff"], Inline: true);
    internal static readonly FileType Heic = new("heic", Image, "image/heic", [".heic", ".heif", ".hif"], Inline: true);
    internal static readonly FileType Heif = new("heif", Image, "image/heif", [".heif", ".hif"], Inline: true);
    internal static readonly FileType Avif = new("avif", Image, "image/avif", [".avif"], Inline: true);

    internal static readonly FileType Mp4 = new("mp4", Video, "video/mp4", [".mp4", ".m4v"], Inline: true);
    internal static readonly FileType Mov = new("mov", Video, "video/quicktime", [".mov", ".qt"], Inline: true);
    internal static readonly FileType ThreeGp = new("3gp", Video, "video/3gpp", [".3gp", ".3gpp"], Inline: true);
    internal static readonly FileType WebM = new("webm", Video, "video/webm", [".webm"], Inline: true);
    internal static readonly FileType OggVideo = new("ogv", Video, "video/ogg", [".ogv", ".ogg"], Inline: true);

    internal static readonly FileType Mp3 = new("mp3", Audio, "audio/mpeg", [".mp3"], Inline: true);
    internal static readonly FileType M4A = new("m4a", Audio, "audio/mp4", [".m4a", ".m4b"], Inline: true);
    internal static readonly FileType Aac = new("aac", Audio, "audio/aac", [".aac"], Inline: true);
    internal static readonly FileType Wav = new("wav", Audio, "audio/wav", [".wav"], Inline: true);
    internal static readonly FileType Amr = new("amr", Audio, "audio/amr", [".amr"], Inline: true);
    internal static readonly FileType AmrWideBand = new("amr-wb", Audio, "audio/amr-wb", [".awb", ".amr"], Inline: true);
    internal static readonly FileType Ogg = new("ogg", Audio, "audio/ogg", [".ogg", ".oga", ".opus"], Inline: true);

    // A PDF can hold scripts and forms, so it is not shown on an origin of ours.
    internal static readonly FileType Pdf = new("pdf", Document, "application/pdf", [".pdf"], Inline: false);
    internal static readonly FileType Docx = OfficeOpenXml("docx", "wordprocessingml.document");
    internal static readonly FileType Xlsx = OfficeOpenXml("xlsx", "spreadsheetml.sheet");
    internal static readonly FileType Pptx = OfficeOpenXml("pptx", "presentationml.presentation");
    internal static readonly FileType Doc = new("doc", Document, "application/msword", [".doc"], Inline: false);
    internal static readonly FileType Xls = new("xls", Document, "application/vnd.ms-excel", [".xls"], Inline: false);
    internal static readonly FileType Ppt = new("ppt", Document, "application/vnd.ms-powerpoint", [".ppt"], Inline: false);
    internal static readonly FileType Odt = OpenDocument("odt", "text");
    internal static readonly FileType Ods = OpenDocument("ods", "spreadsheet");
    internal static readonly FileType Odp = OpenDocument("odp", "presentation");

    internal static readonly FileType Zip = new("zip", Archive, "application/zip", [".zip"], Inline: false);

    // No charset: Chinese text comes as UTF-8 and as GBK, the file is kept as it is, and as an attachment nobody has to guess.
    internal static readonly FileType Txt = new("txt", Text, "text/plain", [".txt", ".csv", ".md", ".log"], Inline: false);

    /// <summary>Every type that may be stored.</summary>
    public static IReadOnlyList<FileType> All { get; } = ImmutableArray.Create(
    [
        Jpeg, Png, Gif, WebP, Bmp, Tiff, Heic, Heif, Avif,
        Mp4, Mov, ThreeGp, WebM, OggVideo,
        Mp3, M4A, Aac, Wav, Amr, AmrWideBand, Ogg,
        Pdf, Docx, Xlsx, Pptx, Doc, Xls, Ppt, Odt, Ods, Odp,
        Zip,
        Txt,
    ]);

    /// <summary>The type with this <see cref="FileType.Name"/>, in any case.</summary>
    public static FileType? Find(string name) =>
        All.FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Says what a file is.</summary>
    /// <param name="head">The file's first bytes: <see cref="HeadBytes"/> of them, or all when the file is shorter. Bytes beyond
    /// <see cref="HeadBytes"/> have no influence.</param>
    /// <param name="isWhole">Whether the file ends with <paramref name="head"/>; a header that is cut off is then an error.</param>
    /// <param name="extension">The extension of the original name, with the dot, in any case; null or empty for none.</param>
    public static Identification Identify(ReadOnlySpan<byte> head, bool isWhole, string? extension)
    {
        if (head.IsEmpty)
            return Identification.Refuse(RefusalReason.Empty, "empty");

        var file = head.Length <= HeadBytes
            ? new FileHead(head, isWhole, extension)
            : new FileHead(head[..HeadBytes], isWhole: false, extension);

        // From the strongest evidence to the weakest; text comes last because it is recognised by what it lacks.
        return IsoMedia.Recognise(file)
            ?? ForeignSignatures.Recognise(file)
            ?? Pictures.Recognise(file)
            ?? RiffFiles.Recognise(file)
            ?? Ebml.Recognise(file)
            ?? OggPages.Recognise(file)
            ?? AmrFrames.Recognise(file)
            ?? Pdfs.Recognise(file)
            ?? CompoundFiles.Recognise(file)
            ?? ZipContainers.Recognise(file)
            ?? MpegAudioFrames.Recognise(file)
            ?? PlainText.Recognise(file)
            ?? Identification.Refuse(RefusalReason.Unknown, "unknown");
    }

    private static FileType OfficeOpenXml(string name, string kind) =>
        new(name, Document, "application/vnd.openxmlformats-officedocument." + kind, ["." + name], Inline: false);

    private static FileType OpenDocument(string name, string kind) =>
        new(name, Document, "application/vnd.oasis.opendocument." + kind, ["." + name], Inline: false);
}
