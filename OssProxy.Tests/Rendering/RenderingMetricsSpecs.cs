using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>What an operator can count.</summary>
public sealed class RenderingMetricsSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-metrics-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Jobs_waits_losses_and_memory_are_counted()
    {
        // Other pools of the tests count under the same names.
        var meters = new ConcurrentDictionary<Meter, ConcurrentBag<string>>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == RenderingMetrics.MeterName)
                self.EnableMeasurementEvents(instrument, meters.GetOrAdd(instrument.Meter, _ => []));
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, bag) => Add(bag, instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, bag) => Add(bag, instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, bag) => Add(bag, instrument, value, tags));
        listener.Start();
        await using var pool = new WorkerPool(
            new RenderingOptions { Workers = 1, WorkerJobs = 1 }, ScriptedWorker.Command, _folder, TimeProvider.System,
            NullLogger<WorkerPool>.Instance);

        await pool.RenderAsync(ScriptedWorker.Job("echo x"), "k", CancellationToken.None);
        var dying = () => pool.RenderAsync(ScriptedWorker.Job("die"), "the source of these specs", CancellationToken.None);
        await dying.Should().ThrowAsync<ImageException>();
        await dying.Should().ThrowAsync<ImageException>();
        listener.RecordObservableInstruments();

        // Of these, another class of the tests would have to count the same in the same second.
        var own = meters.Values.First(bag =>
            bag.Contains("rendering.rejected error=ImageDamaged") && bag.Count(one => one == "rendering.worker.losses reason=Died") == 2);
        own.Should().Contain("rendering.job.duration format=image/jpeg outcome=rendered").And.Contain("rendering.worker.losses reason=Died")
            .And.Contain("rendering.queue.wait").And.Contain("rendering.worker.recycled").And.Contain("rendering.queue.length")
            .And.Contain("rendering.worker.memory").And.Contain("rendering.worker.count");
    }

    private static void Add<T>(object? bag, Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = instrument.Name;
        foreach (var (name, of) in tags)
            text += $" {name}={of}";
        ((ConcurrentBag<string>)bag!).Add(text);
        Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture).Should().BeGreaterThanOrEqualTo(0);
    }
}
