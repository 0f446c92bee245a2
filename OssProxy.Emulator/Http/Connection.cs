using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace OssProxy.Emulator.Http;

internal static class Connection
{
    /// <summary>Ends the connection with RST rather than FIN, so that the client sees a reset, never an orderly end.</summary>
    public static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                // The client was faster.
            }
        }

        context.Abort();
    }
}
