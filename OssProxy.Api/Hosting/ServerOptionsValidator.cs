using Microsoft.Extensions.Options;

namespace OssProxy.Api.Hosting;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(ServerOptions options)
    {
        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > Longest)
            yield return $"Server:DrainTimeout 必须在 00:00:00 到 {Longest:c} 之间。";
        foreach (var wrong in TrustedProxies.Parse(options.TrustedProxies).Wrong)
            yield return $"Server:TrustedProxies 里的“{wrong}”不是 IP 地址或网段，例如 10.0.0.5 或 10.0.0.0/8；也不能信任所有地址。";
        if (options.ListOrigins() is [ServerOptions.AnyOrigin])
            yield break;
        foreach (var origin in options.ListOrigins().Where(origin => !IsOrigin(origin)))
        {
            yield return $"Server:CorsOrigins 里的“{origin}”不是来源：写成 https://h5.example.com，用小写，可带端口，不带路径和末尾的斜杠；或只写一个 *。";
        }
    }

    // As browsers write it, because what they write is compared as text.
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.GetLeftPart(UriPartial.Authority) == text;
}
