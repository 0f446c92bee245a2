using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace OssProxy.Api.Hosting;

/// <summary>
/// Believes what the proxies in front say of where a request comes from, <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c>, and nobody else:
/// the addresses are gone through from the last one, which the nearest proxy wrote, as long as whoever has written them is trusted. The first
/// that is not trusted is the client's, whatever it claims to have been told itself.
/// </summary>
internal static class TrustedProxies
{
    /// <summary>Puts it at this place of the pipeline, before everything that asks for an address; nothing where no proxy is trusted.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        var (networks, _) = Parse(app.Services.GetRequiredService<IOptions<ServerOptions>>().Value.TrustedProxies);
        if (networks.Count == 0)
            return;

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            // Every step is one that a trusted proxy has written.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
            options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }

    /// <summary>The networks of a setting, and what of it is none.</summary>
    public static (IReadOnlyList<System.Net.IPNetwork> Networks, IReadOnlyList<string> Wrong) Parse(string setting)
    {
        var networks = new List<System.Net.IPNetwork>();
        var wrong = new List<string>();
        foreach (var text in setting.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(text, out var address) && IsWhole(text, address))
                networks.Add(new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8));
            else if (System.Net.IPNetwork.TryParse(text, out var network) && network.PrefixLength > 0)
                networks.Add(network);
            else
                wrong.Add(text);
        }

        return (networks, wrong);
    }

    // 10.5 is parsed as 10.0.0.5, which nobody means.
    private static bool IsWhole(string text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(letter => letter == '.') == 3;
}
