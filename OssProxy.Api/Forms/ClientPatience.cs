namespace OssProxy.Api.Forms;

/// <summary>How long a client is waited for. Only the time in which nothing of its body was there counts for the first two, so a slow store
/// is never the client's fault.</summary>
/// <param name="Idle">The longest silence.</param>
/// <param name="RateWindow">The waiting over which the rate is taken.</param>
/// <param name="MinBytesPerSecond">The least rate over each window; 0 for none.</param>
/// <param name="Total">The longest that a whole request may take, whoever is slow.</param>
public sealed record ClientPatience(TimeSpan Idle, TimeSpan RateWindow, long MinBytesPerSecond, TimeSpan Total);
