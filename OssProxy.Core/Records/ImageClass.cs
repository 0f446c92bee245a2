namespace OssProxy.Core.Records;

/// <summary>A class of images; classes form a tree.</summary>
/// <param name="Id">Positive; never given again.</param>
/// <param name="ParentId">0 for the root.</param>
/// <param name="Name">1–30 characters, unique among siblings.</param>
/// <param name="Description">At most 255 characters.</param>
/// <param name="Order">Position among siblings, smallest first.</param>
/// <param name="Enabled">Whether it is shown to consoles that list enabled classes, and takes uploads.</param>
/// <param name="Policy">What its policy says in JSON, as <c>ClassPolicy</c> reads it; null when it inherits everything.</param>
public sealed record ImageClass(
    long Id, long ParentId, string Name, string Description, int Order, bool Enabled, string? Policy, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>What a console says of a class that it creates or changes; null leaves the value as it is (the default of a new one).</summary>
public sealed record ClassDraft
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public bool? Enabled { get; init; }

    public long? ParentId { get; init; }

    public int? Order { get; init; }
}

/// <summary>What a class holds by itself, without those below it.</summary>
/// <param name="Images">Images that are not deleted.</param>
/// <param name="Bytes">Their sizes together, in bytes; registered URLs count none.</param>
public sealed record ClassUsage(long ClassId, long Images, long Bytes);
