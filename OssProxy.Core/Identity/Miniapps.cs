using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>The mini-programs that are configured.</summary>
public sealed class Miniapps : IDisposable
{
    private readonly ProviderLine _line;
    private readonly List<IMiniappProvider> _apps;

    /// <param name="options">Must pass <see cref="MiniappOptionsValidator"/>.</param>
    public Miniapps(IOptions<MiniappOptions> options, TimeProvider time)
    {
        _line = new ProviderLine(options.Value.Timeout, time);
        _apps = [.. options.Value.Apps.Select(entry => Of(entry, time))];
    }

    /// <summary>The provider of a client that sends an <c>authCode</c> and does not name one: no other calls its code so.</summary>
    public static string AuthCodeProvider => AlipayMiniapp.Name;

    /// <summary>The providers that have an app, each once.</summary>
    public IEnumerable<string> Providers => _apps.Select(app => app.Provider).Distinct(StringComparer.Ordinal);

    /// <summary>An app.</summary>
    /// <param name="appId">Null for the only one of its provider.</param>
    /// <exception cref="IdentityException"><see cref="IdentityError.AppUnknown"/>: there is none, or it takes the id to tell which.</exception>
    public IMiniappProvider Find(string provider, string? appId)
    {
        var fitting = _apps.FindAll(app => app.Provider == provider && (appId is null || app.AppId == appId));
        return fitting is [var app]
            ? app
            : throw new IdentityException(IdentityError.AppUnknown, $"{fitting.Count} apps are configured for what the request names.");
    }

    public void Dispose() => _line.Dispose();

    private IMiniappProvider Of(MiniappEntry entry, TimeProvider time) => entry.Provider switch
    {
        WechatMiniapp.Name => new WechatMiniapp(entry, _line, time),
        AlipayMiniapp.Name => new AlipayMiniapp(entry, _line, time),
        DouyinMiniapp.Name => new DouyinMiniapp(entry, _line),
        _ => throw new ArgumentException("The entry's provider was not validated.", nameof(entry)),
    };
}
