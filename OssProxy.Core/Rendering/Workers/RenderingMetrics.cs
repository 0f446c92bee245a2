using System.Diagnostics.Metrics;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What the pool counts, under the meter <see cref="MeterName"/>.</summary>
internal sealed class RenderingMetrics : IDisposable
{
    public const string MeterName = "OssProxy.Rendering";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _recycled;
    private readonly Counter<long> _rejected;
    private readonly long[] _losses = new long[Enum.GetValues<WorkerLoss>().Length];

    /// <param name="queued">Jobs that wait.</param>
    /// <param name="resident">Memory of each worker in bytes.</param>
    public RenderingMetrics(Func<int> queued, Func<IEnumerable<long>> resident)
    {
        _wait = _meter.CreateHistogram<double>("rendering.queue.wait", "s", "How long a job waited for a worker");
        _duration = _meter.CreateHistogram<double>("rendering.job.duration", "s", "How long a job took, by format of the result");
        _lost = _meter.CreateCounter<long>("rendering.worker.losses", "{worker}", "Workers that were lost in a job, by reason");
        _recycled = _meter.CreateCounter<long>("rendering.worker.recycled", "{worker}", "Workers that made way for new ones");
        _rejected = _meter.CreateCounter<long>("rendering.rejected", "{job}", "Jobs that no worker was asked for, by error");
        _meter.CreateObservableGauge("rendering.queue.length", queued, "{job}", "Jobs that wait for a worker");
        _meter.CreateObservableGauge("rendering.worker.memory", () => resident().Sum(), "By", "Resident memory of all workers");
        _meter.CreateObservableGauge("rendering.worker.count", () => resident().Count(), "{worker}", "Workers that are there");
    }

    public void Waited(TimeSpan time) => _wait.Record(time.TotalSeconds);

    public void Rendered(RenderResult result, TimeSpan time) => _duration.Record(
        time.TotalSeconds, Tag("format", result.Unchanged ? "unchanged" : result.MediaType), Tag("outcome", "rendered"));

    public void Refused(ImageError error, TimeSpan time) =>
        _duration.Record(time.TotalSeconds, Tag("format", "none"), Tag("outcome", error.ToString()));

    public void Lost(WorkerLoss loss)
    {
        Interlocked.Increment(ref _losses[(int)loss]);
        _lost.Add(1, Tag("reason", loss.ToString()));
    }

    /// <summary>Workers that were lost in a job for this reason.</summary>
    public long LossesBy(WorkerLoss loss) => Volatile.Read(ref _losses[(int)loss]);

    public void Recycled() => _recycled.Add(1);

    public void Rejected(ImageError error) => _rejected.Add(1, Tag("error", error.ToString()));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
