using System.Diagnostics.Metrics;

namespace OssProxy.Core.Derivatives;

/// <summary>Where a result came from that somebody was given.</summary>
internal enum ResultOrigin
{
    /// <summary>From the memory of this process.</summary>
    Memory,

    /// <summary>From where results are kept.</summary>
    Store,

    /// <summary>It was made for the first to ask.</summary>
    Made,

    /// <summary>From somebody who was looking for it, or making it, already.</summary>
    Shared,
}

/// <summary>What the image service counts, under the meter <see cref="MeterName"/>. What clients have already (304) is none of it.</summary>
internal sealed class DerivativeMetrics : IDisposable
{
    public const string MeterName = "OssProxy.Images";

    private readonly Counter<long> _results;

    public DerivativeMetrics() =>
        _results = Meter.CreateCounter<long>("images.results", "{result}", "Results that somebody was given, by where they came from");

    /// <summary>That of this process, or of one of several servers in it.</summary>
    public Meter Meter { get; } = new(MeterName);

    public void Given(ResultOrigin origin) =>
        _results.Add(1, new KeyValuePair<string, object?>("origin", origin.ToString().ToLowerInvariant()));

    public void Dispose() => Meter.Dispose();
}
