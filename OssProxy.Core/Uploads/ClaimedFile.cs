using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Uploads;

/// <summary>A file with its pending row.</summary>
internal sealed class ClaimedFile(long id, ObjectKey key, string url, FileType type, PictureSize? size, OriginalName? name)
{
    public long Id { get; } = id;

    public ObjectKey Key { get; } = key;

    public FileType Type { get; } = type;

    public OriginalName? Name { get; } = name;

    public PictureSize? Size { get; } = size;

    public string? Sha256 { get; set; }

    public StoredObject? Stored { get; set; }

    public Remains Left { get; set; } = Remains.Nothing;

    public UploadReceipt Receipt(long classId, DateTimeOffset now) =>
        new(Id, url, Key.Value, classId, now, Name?.Value, Stored!.Length, Type.MediaType, Size, Sha256);
}
