namespace OssProxy.Core.Records;

/// <summary>
/// Whose objects one worker sees to. What lies in a shared store anybody can reach; what lies on a disk only the node that has it, and that
/// is the node which claimed it.
/// </summary>
public sealed record WorkShare
{
    // The name under which NamedStore has the disk.
    private const string Disk = "local";

    private WorkShare(bool shared, bool disk, string node) => (Shared, Local, Node) = (shared ? 1 : 0, disk ? 1 : 0, node);

    /// <summary>Everything: where one process has the database, whatever name it had before.</summary>
    public static WorkShare Everything { get; } = new(shared: true, disk: true, node: "");

    /// <summary>What lies in shared stores, and what lies nowhere.</summary>
    public static WorkShare SharedStores { get; } = new(shared: true, disk: false, node: "");

    /// <summary>What lies on the disk of a node.</summary>
    public static WorkShare DiskOf(string node) => new(shared: false, disk: true, node);

    internal int Shared { get; }

    internal int Local { get; }

    /// <summary>Empty for every node's.</summary>
    internal string Node { get; }

    /// <summary>The share as a condition over a table's <c>storage</c>, with the values <c>@Shared</c>, <c>@Local</c> and <c>@Node</c>.</summary>
    /// <param name="ofNode">The condition that the row is this node's.</param>
    internal static string Condition(string ofNode) =>
        $"((storage <> '{Disk}' AND @Shared = 1) OR (storage = '{Disk}' AND @Local = 1 AND (@Node = '' OR {ofNode})))";
}
