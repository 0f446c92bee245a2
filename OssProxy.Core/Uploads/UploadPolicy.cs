using OssProxy.Core.FileTypes;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Transfers;

namespace OssProxy.Core.Uploads;

/// <summary>What one door accepts for one class and where it puts it. Every door asks a policy; none decides by itself.</summary>
public sealed record UploadPolicy
{
    // Boundaries, part headers and fields around the files.
    private const long FormOverheadBytes = 1024 * 1024;

    /// <summary>The class that the form has named, as the answer repeats it; 0 for none.</summary>
    public long NamedClassId { get; init; }

    /// <summary>The class that the files are filed under: the named one where it exists and is enabled, otherwise 0.</summary>
    public long ClassId { get; init; }

    /// <summary>Largest file in bytes, as the client sends it: what the class makes of it may be larger.</summary>
    public required long MaxFileBytes { get; init; }

    /// <summary>Most files in one request.</summary>
    public required int MaxFiles { get; init; }

    /// <summary>The types that may be stored.</summary>
    public required IReadOnlySet<FileType> Types { get; init; }

    /// <summary>Where the objects go.</summary>
    public required NamedStore Store { get; init; }

    /// <summary>How they get there.</summary>
    public required ITransfer Transfer { get; init; }

    /// <summary>What the keys begin with.</summary>
    public required UploadFolder Folder { get; init; }

    /// <summary>Makes a key in a folder, from the extension that a file's content has earned, dot included.</summary>
    public required Func<UploadFolder, string, ObjectKey> Name { get; init; }

    /// <summary>Whether everything is stored as a download, also what a browser may show in place.</summary>
    public bool AsAttachment { get; init; }

    /// <summary>Whether the client's file name is the name of the image and of its download.</summary>
    public bool KeepName { get; init; }

    /// <summary>Whether the SHA-256 of each file is recorded.</summary>
    public bool Sha256 { get; init; }

    /// <summary>What is made of pictures before they are stored; null for nothing.</summary>
    public PictureTreatment? Treatment { get; init; }

    /// <summary>How long one request may take in all; null for as long as the server lets any.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>What the owner may store today; null for any amount.</summary>
    public DailyUsage? Usage { get; init; }

    /// <summary>Whose files these are; empty for a client that is not known.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The grant under which they come; null for none.</summary>
    public long? GrantId { get; init; }

    /// <summary>Who sends them.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>The longest request that can hold so many files of that size, in bytes.</summary>
    public static long RequestBytes(long fileBytes, int files) => (fileBytes * files) + FormOverheadBytes;

    /// <summary>Identifies a file by its first bytes and lets it in or not.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.FileEmpty"/> or <see cref="UploadError.TypeNotAllowed"/>.</exception>
    public FileType Admit(BodyHead head, OriginalName? name) => Admit(head.Bytes.Span, head.IsWhole, name);

    /// <summary>Likewise, for bytes that are at hand.</summary>
    /// <param name="head">At most <see cref="FileTypeCatalog.HeadBytes"/> of them.</param>
    /// <param name="isWhole">Whether the file has no more.</param>
    /// <exception cref="UploadException"><see cref="UploadError.FileEmpty"/> or <see cref="UploadError.TypeNotAllowed"/>.</exception>
    public FileType Admit(ReadOnlySpan<byte> head, bool isWhole, OriginalName? name)
    {
        if (head.IsEmpty)
            throw new UploadException(UploadError.FileEmpty, "The file has no bytes.");

        var identified = FileTypeCatalog.Identify(head, isWhole, name?.Extension);
        return identified.Type is { } type && Types.Contains(type)
            ? type
            : throw new UploadException(UploadError.TypeNotAllowed, $"The content is refused: {identified.Name}.");
    }

    /// <summary>Refuses a request that announces more than can be accepted, before its files are read.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.FileTooLarge"/>.</exception>
    public void RequireLength(long? announced)
    {
        if (announced > RequestBytes(MaxFileBytes, MaxFiles))
            throw TooLarge();
    }

    /// <summary>Lets in what has been stored under other rules, because its class was named behind it or its policy has changed since: nothing
    /// goes past a policy by the order of the fields. How an object of the same class is given out is left as it was when it began.</summary>
    /// <param name="used">The policy under which it was stored.</param>
    /// <param name="type">What the client sent.</param>
    /// <param name="length">The bytes that the client sent.</param>
    /// <exception cref="UploadException"><see cref="UploadError.FileTooLarge"/>, <see cref="UploadError.TypeNotAllowed"/>;
    /// <see cref="UploadError.ClassTooLate"/> when the object would have to be another one.</exception>
    public void AdmitStored(UploadPolicy used, FileType type, long length)
    {
        if (length > MaxFileBytes)
            throw TooLarge();
        if (!Types.Contains(type))
            throw new UploadException(UploadError.TypeNotAllowed, $"The class does not take {type.Name}.");
        if (Treatment?.Changes(type) == true && used.Treatment?.Changes(type) != true)
            throw new UploadException(UploadError.ClassTooLate, "The class has come to treat its pictures, and the file was stored untreated.");
        if (NamedClassId == used.NamedClassId)
            return;
        if (Folder != used.Folder || AsAttachment != used.AsAttachment || KeepName != used.KeepName || (Sha256 && !used.Sha256)
            || (Treatment?.Concerns(type) == true && Treatment != used.Treatment))
            throw new UploadException(UploadError.ClassTooLate, "The class has rules of its own and is named behind the file.");
    }

    /// <summary>The refusal of what is too large.</summary>
    public UploadException TooLarge() =>
        new(UploadError.FileTooLarge, $"A file is larger than {MaxFileBytes} bytes.") { Limit = MaxFileBytes };
}
