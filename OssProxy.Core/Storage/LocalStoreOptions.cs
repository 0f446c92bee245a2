namespace OssProxy.Core.Storage;

/// <summary>The local disk behind the local doors, and behind all doors with <c>Storage:Provider=local</c>. Section <c>Local</c>.</summary>
public sealed class LocalStoreOptions
{
    public const string Section = "Local";

    /// <summary>Where the files live; empty means <c>uploads</c> in the data folder.</summary>
    public string Folder { get; set => field = value ?? ""; } = "";

    /// <summary>What the URLs of local files begin with. The default is root-relative, as the chat clients expect of the local door; an
    /// absolute URL ends up in the records as it stands here.</summary>
    public string PublicBaseUrl { get; set => field = value ?? ""; } = "/public/uploads";
}
