using System.Net.Http.Headers;
using OssProxy.Core.Http;

namespace OssProxy.Core.Sts;

/// <summary>
/// The way to whoever gives credentials: STS and the machine's metadata, through a <see cref="SecretiveClient"/>. A failure is told without what
/// was asked or answered.
/// </summary>
internal sealed class CredentialLine : IDisposable
{
    /// <summary>Largest answer in bytes; real ones have a few thousand.</summary>
    public const int LargestAnswer = 64 * 1024;

    /// <summary>How often one thing is asked.</summary>
    public const int MostTries = 3;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <param name="timeout">How long one talk may last; see <see cref="TalkAsync"/>.</param>
    public CredentialLine(TimeSpan timeout, TimeProvider time)
    {
        _timeout = timeout;
        _time = time;
        _http = SecretiveClient.Create(timeout, LargestAnswer);
    }

    /// <summary>A talk of one request or several, repeated while its failure may pass, each time from its beginning: all of it takes no longer
    /// than the time-out.</summary>
    /// <param name="whom">Who is talked with, for the log.</param>
    /// <exception cref="StsException">What the talk throws, <see cref="StsError.StsUnavailable"/> and
    /// <see cref="StsError.StsTimedOut"/>.</exception>
    public async Task<T> TalkAsync<T>(string whom, Func<CancellationToken, Task<T>> talk, CancellationToken cancellationToken)
    {
        using var clock = new CancellationTokenSource(_timeout, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellationToken);
        try
        {
            for (var tries = 1; ; tries++)
            {
                try
                {
                    return await talk(end.Token);
                }
                catch (Exception failure) when (IsWorthRepeating(failure) && tries < MostTries)
                {
                    await Task.Delay(Pause(tries), _time, end.Token);
                }
            }
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StsException(StsError.StsTimedOut, $"{whom} did not answer within {_timeout}.", late);
        }
        catch (HttpRequestException failure)
        {
            throw new StsException(
                StsError.StsUnavailable, $"{whom} cannot be reached, or broke off: {failure.HttpRequestError}.", failure);
        }
    }

    /// <summary>Asks once, within a talk.</summary>
    public async Task<CredentialAnswer> AskAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await _http.SendAsync(request, cancellationToken);
        return new CredentialAnswer(
            (int)response.StatusCode, response.Headers.Date, await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Adds a header as it is: signed values must not be rewritten.</summary>
    public static void Add(HttpRequestHeaders headers, string name, string value)
    {
        if (!headers.TryAddWithoutValidation(name, value))
            throw new InvalidOperationException($"{name} cannot be sent.");
    }

    private static bool IsWorthRepeating(Exception failure) => failure switch
    {
        StsException told => told.IsPassing || told.Retry,
        HttpRequestException { HttpRequestError: not HttpRequestError.ConfigurationLimitExceeded } => true,
        _ => false,
    };

    // Anything between nothing and the span of this attempt, so that many nodes do not come back together.
    private static TimeSpan Pause(int tries)
    {
#pragma warning disable CA5394 // Spreading load needs no secret.
        return Step * Math.Pow(2, tries) * Random.Shared.NextDouble();
#pragma warning restore CA5394
    }
}

/// <summary>What came back.</summary>
/// <param name="Date">The clock of who answered; null when not told.</param>
internal sealed record CredentialAnswer(int Status, DateTimeOffset? Date, byte[] Body)
{
    public override string ToString() => $"{Status}, {Body.Length} bytes";
}
