using System.Net;
using System.Net.Sockets;

namespace OssProxy.Api.Access;

/// <summary>Where a request comes from, as it is counted: an IPv4 address, or the /64 of an IPv6 address, because whoever has one of those has
/// all of it. What proxies say is believed only of those that <c>Server:TrustedProxies</c> names, and has been put in its place before.</summary>
internal static class CallerAddress
{
    private const int PrefixBytes = 8;

    public static string Of(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4().ToString();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();

        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, PrefixBytes, bytes.Length - PrefixBytes);
        return new IPAddress(bytes) + "/64";
    }
}
