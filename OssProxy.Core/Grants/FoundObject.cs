using System.Globalization;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;

namespace OssProxy.Core.Grants;

/// <summary>An object as it is in the store, and its first bytes.</summary>
internal sealed record FoundObject(OssObject Source, ReadOnlyMemory<byte> Head)
{
    public long Length => Source.Length;

    public ulong? Crc64 => Source.Crc64;

    /// <summary>Whether it is bytes of its own: a link would be read with our rights, wherever it leads.</summary>
    public bool IsPlain => Source.Type is null or "Normal" or "Multipart";

    /// <summary>Whether nothing is kept beside it but what is wanted.</summary>
    public bool IsKeptAs(string mediaType, string? disposition) =>
        Source.ContentType == mediaType && Source.ContentDisposition == disposition && Source.CacheControl is null && Source.ContentEncoding is null
        && Source.Metadata.Count == 0;

    /// <summary>Whether nobody has written it since it was looked at for a record. The store tells seconds: who writes it in the very second in
    /// which we have put it right is not seen by this.</summary>
    public bool IsAsWritten(ImageRecord record) => record.WrittenAt is { } then && Source.LastModified is { } now && now.ToUnixTimeSeconds() == then.ToUnixTimeSeconds();

    /// <summary>Whether it is still what a record says.</summary>
    public bool IsAsRecorded(ImageRecord record) =>
        record.Size == Length && record.MediaType == Source.ContentType && Crc64 is { } crc
        && record.Crc64 == crc.ToString(CultureInfo.InvariantCulture);
}
