using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OssProxy.Emulator.Http;

/// <summary>Where to listen: loopback, unless someone has said otherwise in so many words.</summary>
internal static class ListenAddress
{
    public static void Apply(EmulatorOptions options, KestrelServerOptions kestrel)
    {
        foreach (var text in options.Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // "*" and "+" are no host names for Uri.
            var named = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
            if (!Uri.TryCreate(named, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp)
            {
                throw new EmulatorStartException(
                    $"Emulator:Urls 中的地址无效：{text}（形式应为 http://127.0.0.1:9100）。 "
                    + "Emulator:Urls holds an address that is not http://host:port.");
            }

            var address = url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                ? IPAddress.Loopback
                : IPAddress.TryParse(url.Host.Trim('[', ']'), out var parsed)
                    ? parsed
                    : throw new EmulatorStartException($"Emulator:Urls 只接受 IP 地址或 localhost：{text}。 Emulator:Urls takes an IP address or localhost.");
            if (!IPAddress.IsLoopback(address) && !options.AllowNonLoopback)
            {
                throw new EmulatorStartException(
                    $"模拟器拒绝在非本机地址 {text} 上监听；确实需要时设置 Emulator:AllowNonLoopback=true。 "
                    + $"The emulator refuses to listen on {text}, which is not loopback; set Emulator:AllowNonLoopback=true if that is meant.");
            }

            kestrel.Listen(address, url.Port, static listen => listen.Protocols = HttpProtocols.Http1);
        }
    }
}
