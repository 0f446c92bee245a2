using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace OssProxy.Core.Http;

/// <summary>How connections come about.</summary>
public sealed class Dialing
{
    /// <summary>How long a connection may take to come about, TLS included.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Connects a socket; the default asks for all addresses of the host and takes the first that answers.</summary>
    public Func<Socket, HttpOrigin, CancellationToken, ValueTask> Connect { get; init; } =
        static (socket, origin, cancellationToken) => socket.ConnectAsync(new DnsEndPoint(origin.Host, origin.Port), cancellationToken);

    /// <summary>Judges every certificate, with what the system holds against it; null for what the system says.</summary>
    public RemoteCertificateValidationCallback? Certificate { get; init; }

    /// <exception cref="ConnectException">No connection came about.</exception>
    /// <exception cref="OperationCanceledException">The token.</exception>
    internal async Task<Connection> DialAsync(HttpOrigin origin, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        try
        {
            await Connect(socket, origin, either.Token);
            if (origin.IsTls)
                tls = await AgreeAsync(socket, origin.Host, either.Token);
            return new Connection(socket, tls, time.GetTimestamp());
        }
        catch (Exception failure)
        {
            if (tls is not null)
                await tls.DisposeAsync();
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (timeout.IsCancellationRequested)
                throw new ConnectException("It took too long.", failure);
            if (failure is SocketException or IOException or AuthenticationException)
                throw new ConnectException(failure.Message, failure);
            throw;
        }
    }

    private async Task<SslStream> AgreeAsync(Socket socket, string host, CancellationToken cancellationToken)
    {
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                    RemoteCertificateValidationCallback = Certificate,
                },
                cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
