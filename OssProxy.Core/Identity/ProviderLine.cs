using OssProxy.Core.Http;

namespace OssProxy.Core.Identity;

/// <summary>
/// The way to the providers: one <see cref="SecretiveClient"/> for all of them, because WeChat's addresses hold the app's secret. A failure is
/// told without what was asked.
/// </summary>
internal sealed class ProviderLine : IDisposable
{
    /// <summary>Largest answer in bytes; real ones have a few hundred.</summary>
    public const int LargestAnswer = 64 * 1024;

    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <param name="timeout">How long one talk may last; see <see cref="TalkAsync"/>.</param>
    public ProviderLine(TimeSpan timeout, TimeProvider time)
    {
        _timeout = timeout;
        _time = time;
        _http = SecretiveClient.Create(timeout, LargestAnswer);
    }

    /// <summary>Talks with a provider, which may be asked several times: all of it takes no longer than the time-out.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.ProviderTimedOut"/>, <see cref="IdentityError.ProviderFailed"/>, and
    /// what the talk throws.</exception>
    public async Task<MiniappIdentity> TalkAsync(
        IMiniappProvider app, Func<CancellationToken, Task<MiniappIdentity>> talk, CancellationToken cancellationToken)
    {
        using var clock = new CancellationTokenSource(_timeout, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellationToken);
        try
        {
            return await talk(end.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IdentityException(
                IdentityError.ProviderTimedOut, $"{app.Provider} {app.AppId} did not answer within {_timeout}.", late);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            var kind = failure is HttpRequestException { HttpRequestError: var error } ? error : HttpRequestError.Unknown;
            throw new IdentityException(
                IdentityError.ProviderFailed, $"{app.Provider} {app.AppId} cannot be reached, or broke off: {kind}.", failure);
        }
    }

    /// <summary>Asks once, within a talk. The status is for the reader of the answer: some providers tell errors with 200.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.ProviderFailed"/>: the answer is no JSON object.</exception>
    public async Task<ProviderAnswer> AskAsync(IMiniappProvider app, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await _http.SendAsync(request, cancellationToken);
        return ProviderAnswer.Parse(app, (int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Where a path of a provider lies.</summary>
    /// <param name="configured">Empty for the provider's own address.</param>
    public static string Address(string configured, string own, string path) =>
        (configured.Length > 0 ? configured.TrimEnd('/') : own) + path;
}
