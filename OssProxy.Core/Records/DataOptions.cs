namespace OssProxy.Core.Records;

/// <summary>Where this node keeps what is its own: the embedded database, its identity, local objects, spool files.
/// Section <c>Data</c>.</summary>
public sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>The data folder, absolute or relative to the working directory. One process at a time; it must outlive restarts.</summary>
    public string Folder { get; set => field = value ?? ""; } = "data";
}
