namespace OssProxy.Core.Uploads;

/// <summary>What may exist in the store for a claim that is to be undone.</summary>
internal enum Remains
{
    /// <summary>Nothing was completed: releasing the row is enough.</summary>
    Nothing,

    /// <summary>An object is, or may be, there: delete it, then release the row.</summary>
    Object,

    /// <summary>An object is there, and the row that would remember it is not: it is deleted whatever the records say.</summary>
    Orphan,

    /// <summary>The store gave no answer and may complete the object later: delete it now and once more after a while.</summary>
    Unknown,

    /// <summary>Parts are, or may be, there, and no object of ours: abort them now and once more after a while.</summary>
    Parts,

    /// <summary>The row may or may not have been finished: only when it is still pending is anything undone.</summary>
    RowDecides,
}
