using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>
/// Counts requests by subject, minute by minute. Whoever implements it counts exactly, whatever runs at once: of any number of requests in one
/// window as many are within the limit as it says. What it remembers is bounded, whoever asks.
/// </summary>
internal interface IRequestCounts
{
    /// <summary>Counts one request.</summary>
    /// <param name="subject">Whose it is; some 200 characters at most.</param>
    /// <param name="most">How many are within the limit; 1 at least.</param>
    /// <returns>Null when this one is; else how long the window still lasts, more than nothing and a minute or two at most.</returns>
    /// <exception cref="RecordsException">It is counted in a database, which cannot be reached.</exception>
    ValueTask<TimeSpan?> CountAsync(string subject, int most, CancellationToken cancellationToken);
}
