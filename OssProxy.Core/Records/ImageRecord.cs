namespace OssProxy.Core.Records;

/// <summary>A stored image as the records know it. Sizes in bytes and pixels; null where nothing is known.</summary>
/// <param name="Path">Its key; empty for a URL that was registered.</param>
/// <param name="Storage">The name of the store; <see cref="Link"/> for a URL that was registered, whose object is not ours to delete.</param>
/// <param name="DeletedAt">When it was deleted; null when it was not.</param>
public sealed record ImageRecord(
    long Id, long ClassId, string Path, string Name, string Url, int Order, bool Enabled, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    string Storage, string Bucket, long? Size, string MediaType, string? Crc64, string? Sha256, int? Width, int? Height, string? OriginalName,
    string Owner, string CreatedBy, DateTimeOffset? DeletedAt)
{
    /// <summary>The grant by which it came; null for one that came through a door.</summary>
    public long? GrantId { get; init; }

    /// <summary>When the object was written that was looked at for this record, by the store's clock, to the second; null where nobody asked: keys
    /// of ours are not written twice.</summary>
    public DateTimeOffset? WrittenAt { get; init; }

    /// <summary>Its main colour as <c>#rrggbb</c>; null where nobody asked for it.</summary>
    public string? MainColor { get; init; }

    /// <summary>The name of no store.</summary>
    public const string Link = "link";
}

/// <summary>Which images are asked for, and in which order. Ids break every tie, so that pages neither repeat nor miss a row.</summary>
public sealed record ImageQuery
{
    /// <summary>Of one class; null for all.</summary>
    public long? ClassId { get; init; }

    /// <summary>Text that the name or the original name holds, upper and lower case alike for ASCII; <c>%</c> and <c>_</c> mean
    /// themselves.</summary>
    public string? Keyword { get; init; }

    /// <summary>Of one owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Created at this moment or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Created before this moment.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Deleted ones instead of those that are there.</summary>
    public bool Deleted { get; init; }

    /// <summary>By <see cref="ImageRecord.Order"/>, then id; otherwise by id alone.</summary>
    public bool ByOrder { get; init; }

    /// <summary>Largest first.</summary>
    public bool Descending { get; init; }
}

/// <summary>One page of images.</summary>
/// <param name="Total">How many the query meets in all.</param>
public sealed record ImagePage(IReadOnlyList<ImageRecord> Images, long Total);

/// <summary>What a console changes of an image; null leaves the value as it is.</summary>
public sealed record ImageEdit
{
    public string? Name { get; init; }

    public bool? Enabled { get; init; }

    public int? Order { get; init; }

    /// <summary>The class that it moves to; 0 for none.</summary>
    public long? ClassId { get; init; }
}

/// <summary>How long deleted images can be restored, by the class that they are in.</summary>
/// <param name="Otherwise">For every class that is not named.</param>
public sealed record Retentions(TimeSpan Otherwise, IReadOnlyDictionary<long, TimeSpan> ByClass);
