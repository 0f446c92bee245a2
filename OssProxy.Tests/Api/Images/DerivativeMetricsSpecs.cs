using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Derivatives;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>What an operator can count of the images.</summary>
public sealed class DerivativeMetricsSpecs
{
    [Fact]
    public async Task Results_are_counted_by_where_they_came_from()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var renderer = new ScriptedRenderer { Before = token => gate.Task.WaitAsync(token) };
        await using var house = await ImageHouse.OpenAsync(renderer);
        await using var other = await house.NeighbourAsync(new ScriptedRenderer());
        await house.PutAsync("a.jpg");
        var origins = new ConcurrentDictionary<Meter, ConcurrentQueue<string>>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == DerivativeMetrics.MeterName)
                self.EnableMeasurementEvents(instrument, origins.GetOrAdd(instrument.Meter, _ => []));
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, queue) =>
            ((ConcurrentQueue<string>)queue!).Enqueue($"{tags[0].Key} {tags[0].Value} {value}"));
        listener.Start();
        var images = house.Server.Services.GetRequiredService<DerivedImages>();

        var first = house.Client.GetByteArrayAsync("/img/a.jpg!thumb");
        await Eventually.TrueAsync(() => Task.FromResult(renderer.Calls == 1), "the job has begun");
        var second = house.Client.GetByteArrayAsync("/img/a.jpg!thumb");
        await Eventually.TrueAsync(() => Task.FromResult(images.Waiting == 2), "both wait");
        gate.SetResult();
        await Task.WhenAll(first, second);
        await house.Client.GetByteArrayAsync("/img/a.jpg!thumb");
        await other.Client.GetByteArrayAsync("/img/a.jpg!thumb");

        Counted(house).Should().Equal("origin made 1", "origin memory 1", "origin shared 1");
        Counted(other).Should().Equal("origin store 1");

        // Every server of the tests counts under this name.
        IEnumerable<string> Counted(ImageHouse one) => origins[one.Server.Services.GetRequiredService<DerivativeMetrics>().Meter].Order();
    }
}
