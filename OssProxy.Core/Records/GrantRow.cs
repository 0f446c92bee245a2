namespace OssProxy.Core.Records;

/// <summary>A row of <c>upload_grant</c> as it is read. Properties, because the databases give integers in different widths.</summary>
internal sealed class GrantRow
{
    /// <summary>What is selected; <c>{now}</c> as in <see cref="DatabaseClock"/>.</summary>
    public const string Columns = """
        id, token, kind, storage, bucket, path, sender, owner, image_class_id AS ClassId, min_bytes AS MinBytes, max_bytes AS MaxBytes,
        original_name AS OriginalName, upload_id AS UploadId, part_bytes AS PartBytes, create_time AS CreatedAt, expires_at AS ExpiresAt,
        reported AS Reported, {now} AS ReadAt
        """;

    public long Id { get; init; }
    public string Token { get; init; } = "";
    public string Kind { get; init; } = "";
    public string Storage { get; init; } = "";
    public string Bucket { get; init; } = "";
    public string Path { get; init; } = "";
    public string Sender { get; init; } = "";
    public string Owner { get; init; } = "";
    public long ClassId { get; init; }
    public long MinBytes { get; init; }
    public long MaxBytes { get; init; }
    public string? OriginalName { get; init; }
    public string? UploadId { get; init; }
    public long PartBytes { get; init; }
    public long CreatedAt { get; init; }
    public long ExpiresAt { get; init; }
    public long ReadAt { get; init; }
    public int Reported { get; init; }

    public UploadGrant Read() => new(
        Id, Token, Enum.Parse<GrantKind>(Kind, ignoreCase: true), Storage, Bucket, Path, Sender, Owner, ClassId, MinBytes, MaxBytes,
        OriginalName, UploadId, PartBytes, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt))
    {
        ReadAt = DateTimeOffset.FromUnixTimeMilliseconds(ReadAt),
        IsReported = Reported != 0,
    };
}
