using System.Collections.Concurrent;

namespace OssProxy.Tests.Faults;

/// <summary>Runs the whole matrix once, lanes beside each other, because most of it is waiting; the tests look at what came of it.</summary>
public sealed class FaultMatrix : IAsyncLifetime
{
    private const int LanesAtOnce = 24;

    private readonly ConcurrentDictionary<string, Observed> _observed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Leftovers> _leftovers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Exception> _failures = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _unobserved = new();

    /// <summary>Exceptions of ours in tasks that nobody awaited.</summary>
    public IReadOnlyList<string> Unobserved => [.. _unobserved];

    public async Task InitializeAsync()
    {
        TaskScheduler.UnobservedTaskException += Note;

        // Those that wait longest first.
        var lanes = FaultCase.All.GroupBy(one => one.Lane).OrderByDescending(lane => lane.Key.Kind is not null);
        await Parallel.ForEachAsync(
            lanes, new ParallelOptions { MaxDegreeOfParallelism = LanesAtOnce }, async (lane, _) => await RunAsync([.. lane]));

        // A task tells of an exception that nobody has seen when it is collected.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    public Task DisposeAsync()
    {
        TaskScheduler.UnobservedTaskException -= Note;
        return Task.CompletedTask;
    }

    /// <summary>What came of a case, and what was left when its lane was done.</summary>
    internal (Observed Observed, Leftovers Leftovers) Of(FaultCase one)
    {
        if (_failures.TryGetValue(one.Id, out var failure))
            throw new InvalidOperationException(failure.Message, failure);
        return (_observed[one.Id], _leftovers[one.Id]);
    }

    private async Task RunAsync(FaultCase[] lane)
    {
        var step = "The start";
        try
        {
            await using var server = await FaultLane.StartAsync(lane[0].Way, lane[0].IsMute);
            foreach (var one in lane)
            {
                step = one.Id;
                _observed[one.Id] = await server.RunAsync(one);
            }

            step = "The end";
            var leftovers = await server.SettleAsync();
            foreach (var one in lane)
                _leftovers[one.Id] = leftovers;
        }
        catch (Exception failure)
        {
            // Which case it was, told by all that it took with it.
            foreach (var one in lane)
                _failures[one.Id] = new InvalidOperationException($"{step} could not be carried out.", failure);
        }
    }

    private void Note(object? sender, UnobservedTaskExceptionEventArgs failure)
    {
        // Every test of the process is heard here: what concerns us has passed through our code, and was not begun by a spec that forgot it.
        foreach (var one in failure.Exception.Flatten().InnerExceptions)
        {
            var text = one.ToString();
            var begun = one.StackTrace?.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
            if ((text.Contains("OssProxy.Core", StringComparison.Ordinal) || text.Contains("OssProxy.Api", StringComparison.Ordinal))
                && !begun.Contains("OssProxy.Tests", StringComparison.Ordinal))
                _unobserved.Enqueue(text);
        }
    }
}
