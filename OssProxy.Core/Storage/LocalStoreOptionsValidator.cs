using Microsoft.Extensions.Options;

namespace OssProxy.Core.Storage;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class LocalStoreOptionsValidator : IValidateOptions<LocalStoreOptions>
{
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
