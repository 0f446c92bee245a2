namespace OssProxy.Core.Reconciliation;

/// <summary>How rows and objects are kept in agreement in the background. Section <c>Reconciliation</c>.</summary>
public sealed class ReconciliationOptions
{
    public const string Section = "Reconciliation";

    /// <summary>How long the one node that works in the background may be silent before another takes over; 1 second to 10 minutes. Default
    /// 30 seconds.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often deletions that are due are looked for; 100 milliseconds to 1 hour. Default 5 seconds.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often one deletion is tried before it is given up; 1 to 10,000. Tries come after 1 second, 2, 4, … and at last every
    /// hour, so that the default of 80 bears with a store for almost three days.</summary>
    public int DeletionAttempts { get; set; } = 80;

    /// <summary>The age from which on a claim counts as left behind, by a node that may never come back; 1 second to 30 days, and longer than
    /// <c>Uploads:TimeBudget</c>. Default 12 hours.</summary>
    public TimeSpan ClaimDeadline { get; set; } = TimeSpan.FromHours(12);

    /// <summary>What becomes of such a claim whose object is there: <c>delete</c> (default: nobody has been told of it) or
    /// <c>finish</c>.</summary>
    public string Unfinished { get; set => field = value ?? ""; } = "delete";
}
