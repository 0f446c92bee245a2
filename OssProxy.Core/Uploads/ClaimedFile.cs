using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Uploads;

/// <summary>A file with its pending row.</summary>
/// <param name="received">What the client sent.</param>
/// <param name="type">What is stored; another type where the class treats its pictures.</param>
internal sealed class ClaimedFile(ObjectKey key, FileType received, FileType type, PictureSize? size, OriginalName? name)
{
    /// <summary>The row, once it has been claimed.</summary>
    public long Id { get; set; }

    public ObjectKey Key { get; } = key;

    public string Url { get; set; } = "";

    public FileType Received { get; } = received;

    /// <summary>The bytes that the client sent, once all have come; what is stored may have others.</summary>
    public long ReceivedBytes { get; set; }

    public FileType Type { get; } = type;

    /// <summary>As <c>#rrggbb</c>; null where the policy does not ask for it.</summary>
    public string? MainColor { get; init; }

    public OriginalName? Name { get; } = name;

    /// <summary>The name that a download gets: the client's, with the extension of what is stored.</summary>
    public OriginalName? DownloadName => Received == Type || Name is null ? Name : Name.WithExtension(Type.Extensions[0]);

    public PictureSize? Size { get; } = size;

    public string? Sha256 { get; set; }

    public StoredObject? Stored { get; set; }

    public Remains Left { get; set; } = Remains.Nothing;

    public UploadReceipt Receipt(long classId, DateTimeOffset now) =>
        new(Id, Url, Key.Value, classId, now, Name?.Value, Stored!.Length, Type.MediaType, Size, Sha256) { MainColor = MainColor };
}
