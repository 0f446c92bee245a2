namespace OssProxy.Core.Http;

/// <summary>
/// Clients for those who give secrets or keys, and answer in little: follows no redirect, because what is sent and what comes back is for nobody
/// else; uses no proxy, because what is asked may lie on this machine; keeps no cookie; writes no log and passes no trace on, because a factory's
/// client would log addresses, and some of them hold secrets.
/// </summary>
internal static class SecretiveClient
{
    // Domains move between addresses; a connection that lived for ever would never notice.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(3);

    /// <param name="connectTimeout">Limits connecting alone; the whole of a request is limited by its token.</param>
    /// <param name="largestAnswer">In bytes; a longer answer is an <see cref="HttpRequestException"/> with
    /// <see cref="HttpRequestError.ConfigurationLimitExceeded"/>.</param>
    public static HttpClient Create(TimeSpan connectTimeout, int largestAnswer)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectTimeout = connectTimeout,
            ActivityHeadersPropagator = null,
        };
        return new HttpClient(sockets) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = largestAnswer };
    }
}
