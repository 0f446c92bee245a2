using OssProxy.Core.FileTypes;
using OssProxy.Core.Storage;
using OssProxy.Core.Transfers;

namespace OssProxy.Core.Uploads;

/// <summary>What one door accepts and where it puts it. Every door asks a policy; none decides by itself.</summary>
public sealed record UploadPolicy
{
    /// <summary>Largest file in bytes.</summary>
    public required long MaxFileBytes { get; init; }

    /// <summary>Most files in one request.</summary>
    public required int MaxFiles { get; init; }

    /// <summary>The types that may be stored.</summary>
    public required IReadOnlySet<FileType> Types { get; init; }

    /// <summary>Where the objects go.</summary>
    public required NamedStore Store { get; init; }

    /// <summary>How they get there.</summary>
    public required ITransfer Transfer { get; init; }

    /// <summary>Makes the key of a file from the extension that its content has earned, dot included.</summary>
    public required Func<string, ObjectKey> Name { get; init; }

    /// <summary>Identifies a file by its first bytes and lets it in or not.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.FileEmpty"/> or <see cref="UploadError.TypeNotAllowed"/>.</exception>
    public FileType Admit(BodyHead head, OriginalName? name)
    {
        if (head.Bytes.IsEmpty)
            throw new UploadException(UploadError.FileEmpty, "The file has no bytes.");

        var identified = FileTypeCatalog.Identify(head.Bytes.Span, head.IsWhole, name?.Extension);
        return identified.Type is { } type && Types.Contains(type)
            ? type
            : throw new UploadException(UploadError.TypeNotAllowed, $"The content is refused: {identified.Name}.");
    }
}
