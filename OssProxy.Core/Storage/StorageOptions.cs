namespace OssProxy.Core.Storage;

/// <summary>Where the main doors store. Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary><c>oss</c>, or <c>local</c> for this machine's disk.</summary>
    public string Provider { get; set => field = value ?? ""; } = "oss";
}
