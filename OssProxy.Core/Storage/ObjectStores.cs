namespace OssProxy.Core.Storage;

/// <summary>A store, the name under which records remember it, and how its objects are linked to.</summary>
/// <param name="Name"><c>oss</c> or <c>local</c>; written into every record.</param>
/// <param name="MaxObjectBytes">The largest object that one put can make.</param>
public sealed record NamedStore(string Name, IObjectStore Store, ObjectLinks Links, long MaxObjectBytes = long.MaxValue)
{
    /// <summary>The store's ability to take objects in parts; null when it has none.</summary>
    public IMultipartObjectStore? Parts { get; } = Store as IMultipartObjectStore;

    /// <summary>The bucket that the objects are in, for the records; empty where there is none.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>The store's ability to tell what it holds; null when it has none.</summary>
    public IListableObjectStore? Listing { get; } = Store as IListableObjectStore;
}

/// <summary>The stores of this deployment: where the main doors put their files, and the local disk behind the local doors.
/// They are one and the same with <c>Storage:Provider=local</c>.</summary>
public sealed class ObjectStores(NamedStore main, NamedStore local)
{
    /// <summary>Where the main doors store.</summary>
    public NamedStore Main { get; } = main;

    /// <summary>The local disk, served under <c>/public/uploads</c>.</summary>
    public NamedStore Local { get; } = local;

    /// <summary>The store that a record names, with the bucket that its object lies in; null when this deployment no longer has it.</summary>
    /// <param name="bucket">Empty where it was not remembered.</param>
    public NamedStore? Find(string name, string bucket) =>
        Find(name) is { } store && (bucket.Length == 0 || bucket == store.Bucket) ? store : null;

    /// <summary>The store that a record names; null when this deployment no longer has it.</summary>
    public NamedStore? Find(string name) =>
        Main.Name == name ? Main : Local.Name == name ? Local : null;
}
