using Microsoft.Extensions.Logging;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Workers;
using OssProxy.Tests.Faults;

namespace OssProxy.Tests.Rendering;

/// <summary>What the lanes of a pool do to each other when something is wrong with one of them, and what they leave open.</summary>
public sealed class RenderLaneSpecs : ScriptedPool
{
    [Fact]
    public async Task A_lane_that_finds_no_worker_leaves_the_jobs_to_one_that_has()
    {
        var pool = Pool(options => options.Workers = 2, command: Only(1));
        await TextAsync(pool, "pid");
        var running = RenderAsync(pool, ScriptedWorker.Job("sleep 1000"));

        // Some while the other lane tries to start a worker, and some when it has found that it cannot.
        var waiting = Enumerable.Range(0, 3).Select(i => TextAsync(pool, $"echo {i}")).ToList();
        await Task.WhenAll([running, .. waiting]).WaitAsync(Deadline);
        for (var i = 0; i < 10; i++)
            (await TextAsync(pool, $"echo {i}")).Should().StartWith($"{i} ");

        File.ReadAllLines(Tries).Length.Should().BePositive("a worker was to be started for them");
        pool.Running.Should().Be(1);
        await pool.DisposeAsync().AsTask().WaitAsync(Deadline);
    }

    [Fact]
    public async Task Where_no_lane_has_a_worker_everybody_is_told_so()
    {
        var pool = Pool(options => options.Workers = 2, command: Only(1));
        await TextAsync(pool, "pid");

        // The only one goes, and with it the last who could do what waits.
        var dying = RefusedAsync(pool, "die");
        var waiting = Enumerable.Range(0, 4).Select(i => RefusedAsync(pool, $"die {i}")).ToList();

        (await Task.WhenAll([dying, .. waiting])).Should().OnlyContain(refused => refused.Error == ImageError.RenderingBusy && refused.RetryAfter > TimeSpan.Zero);
        pool.Running.Should().Be(0);
    }

    [Fact]
    public async Task A_lane_outlives_what_nobody_foresaw()
    {
        using var heard = new LogCatcher();
        using var logging = LoggerFactory.Create(builder => builder.AddProvider(heard));
        var time = new FaultyTime();
        var pool = Pool(options => options.WorkerJobs = 1, time: time, log: logging.CreateLogger<WorkerPool>());

        await TextAsync(pool, "echo 1");
        await Eventually.TrueAsync(() => Task.FromResult(time.HasFailed), "the worker was to make way");

        (await TextAsync(pool, "echo 2")).Should().StartWith("2 ");
        heard.Errors.Should().ContainSingle().Which.Should().Contain("nobody foresaw");
    }

    [Fact]
    public async Task Nothing_is_left_open_of_a_worker_that_has_ended()
    {
        var pool = Pool(options => options.WorkerJobs = 1);
        var complaints = await TextAsync(pool, "complaints");
        complaints.Should().StartWith("pipe:");

        await pool.DisposeAsync();

        OpenHere.Should().NotContain(complaints);
    }

    private string Tries => Path.Combine(Folder, "tries");

    /// <summary>What this process has open.</summary>
    private static IEnumerable<string?> OpenHere => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Select(one => one.LinkTarget);

    // A program that becomes a worker the first times, and no more.
    private WorkerCommand Only(int times)
    {
        var script = $"echo x >> {Tries}.all; [ $(wc -l < {Tries}.all) -le {times} ] && exec \"$0\" \"$@\"; echo x >> {Tries}; exit 1";
        return new WorkerCommand("sh", ["-c", script, ScriptedWorker.Command.FileName, .. ScriptedWorker.Command.Words]);
    }

    // Fails once, where the end of a worker is waited for.
    private sealed class FaultyTime : TimeProvider
    {
        private int _failed;

        public bool HasFailed => Volatile.Read(ref _failed) != 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            dueTime == TimeSpan.FromSeconds(5) && Interlocked.Exchange(ref _failed, 1) == 0
                ? throw new InvalidOperationException("no timer") : base.CreateTimer(callback, state, dueTime, period);
    }
}
