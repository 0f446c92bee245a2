using Microsoft.Extensions.Options;

namespace OssProxy.Api.Hosting;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, ServerOptions options) =>
        options.DrainTimeout >= TimeSpan.Zero && options.DrainTimeout <= Longest
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Server:DrainTimeout 必须在 00:00:00 到 {Longest:c} 之间。");
}
