using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Reconciliation;

/// <summary>In what a store and its records do not agree.</summary>
public enum DifferenceKind
{
    /// <summary>An object that no row knows.</summary>
    ObjectWithoutRow,

    /// <summary>A stored row whose object is not there.</summary>
    RowWithoutObject,

    /// <summary>A row and its object are of different sizes. Only a person can tell which is right.</summary>
    SizeDiffers,

    /// <summary>An upload in parts that nobody has completed or aborted.</summary>
    PartsLeft,

    /// <summary>A deletion that was given up.</summary>
    DeletionGivenUp,
}

/// <summary>One difference; of the things that it may concern those are there that its kind has.</summary>
public sealed record Difference(DifferenceKind Kind, string Key)
{
    public ListedObject? Object { get; init; }

    public ComparedRow? Row { get; init; }

    public ListedParts? Parts { get; init; }

    public FailedDeletion? Deletion { get; init; }
}
