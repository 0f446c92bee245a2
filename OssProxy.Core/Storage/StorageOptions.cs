using Microsoft.Extensions.Options;

namespace OssProxy.Core.Storage;

/// <summary>Where the main doors store. Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary><c>oss</c>, or <c>local</c> for this machine's disk.</summary>
    public string Provider { get; set; } = "oss";
}

/// <summary>The local disk behind the local doors, and behind all doors with <c>Storage:Provider=local</c>. Section <c>Local</c>.</summary>
public sealed class LocalStoreOptions
{
    public const string Section = "Local";

    /// <summary>Where the files live; empty means <c>uploads</c> in the data folder.</summary>
    public string Folder { get; set; } = "";

    /// <summary>What the URLs of local files begin with. The default is root-relative, as the chat clients expect of the local door; an
    /// absolute URL ends up in the records as it stands here.</summary>
    public string PublicBaseUrl { get; set; } = "/public/uploads";
}

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>, IValidateOptions<LocalStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
        options.Provider is "oss" or "local"
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Storage:Provider 的值“{options.Provider}”无效，请填 oss 或 local。");

    public ValidateOptionsResult Validate(string? name, LocalStoreOptions options) =>
        IsBase(options.PublicBaseUrl)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Local:PublicBaseUrl 必须以单个 / 开头（如 /public/uploads）或是完整的 http(s) 地址，且不带 ? 和 #。");

    // Clients take a leading slash for "same host"; two of them would name another host.
    private static bool IsBase(string text) =>
        text.AsSpan().IndexOfAny('?', '#') < 0
        && ((text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal))
            || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"));
}
