using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>What the pool promises, with real processes whose engine does what the source says.</summary>
public sealed class WorkerPoolSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-pool-").FullName;
    private readonly List<WorkerPool> _pools = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var pool in _pools)
            await pool.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_job_is_done_by_another_process_and_everything_of_it_arrives()
    {
        var pool = Pool();
        var job = ScriptedWorker.Job("echo hello") with
        {
            Marks = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty.Add("a", "first"u8.ToArray()).Add("b", "second"u8.ToArray()),
            Preferred = ImageFormat.WebP,
            Limits = new RenderLimits { Frames = 17 },
        };

        var result = await RenderAsync(pool, job);

        ScriptedWorker.Text(result).Should().Be("hello image/info WebP 17 a=first,b=second");
        result.Should().Match<RenderResult>(one => one.MediaType == "image/jpeg" && one.Width == 3 && one.Height == 2 && !one.Unchanged);
        (await TextAsync(pool, "pid")).Should().NotBe(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        (await pool.DescribeAsync(CancellationToken.None)).Should().BeEquivalentTo(ScriptedWorker.Report);
    }

    [Fact]
    public async Task Large_sources_and_results_arrive_whole_and_what_is_unchanged_is_not_sent_back()
    {
        var pool = Pool();
        var large = ScriptedWorker.Job("") with { Source = new byte[9_000_001] };

        ScriptedWorker.Text(await RenderAsync(pool, large)).Should().Be(new string('x', 70_000));
        ScriptedWorker.Text(await RenderAsync(pool, ScriptedWorker.Job("much 3000000"))).Should().Be(new string('y', 3_000_000));
        var source = ScriptedWorker.Job("same");
        var same = await RenderAsync(pool, source);
        same.Unchanged.Should().BeTrue();
        same.Content.Equals(source.Source).Should().BeTrue();
    }

    [Fact]
    public async Task What_the_engine_refuses_is_refused_in_its_words_and_what_it_stumbles_over_is_not_told()
    {
        var pool = Pool();

        var refused = await RefusedAsync(pool, "refuse");
        var failed = await RefusedAsync(pool, "fail secret");

        refused.Should().Match<ImageException>(
            one => one.Error == ImageError.ImageDamaged && one.Ec == "0040-00000020" && one.Message == "broken");
        failed.Error.Should().Be(ImageError.RenderingFailed);
        failed.Message.Should().NotContain("secret");
        failed.InnerException!.Message.Should().Contain("unforeseen secret").And.NotContain("\n");
        (await TextAsync(pool, "pid")).Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_source_larger_than_it_may_be_does_not_get_as_far_as_a_worker()
    {
        var pool = Pool();
        var job = ScriptedWorker.Job("pid") with { Limits = new RenderLimits { SourceBytes = 2 } };

        var refused = await RefusedAsync(() => RenderAsync(pool, job));

        refused.Error.Should().Be(ImageError.ImageTooLarge);
        pool.Running.Should().Be(0);
    }

    [Fact]
    public async Task A_worker_that_dies_in_mid_job_costs_one_more_try_and_nothing_else()
    {
        var pool = Pool();
        var first = await TextAsync(pool, "pid");

        var answer = await TextAsync(pool, $"die-once {_folder}/died");

        answer.Should().Be("second");
        (await TextAsync(pool, "pid")).Should().NotBe(first);
    }

    [Fact]
    public async Task A_source_that_costs_two_workers_is_poisoned_and_no_other()
    {
        var pool = Pool();

        (await RefusedAsync(pool, "die", "bad")).Error.Should().Be(ImageError.ImageDamaged);
        var survivor = await TextAsync(pool, "pid");
        (await RefusedAsync(pool, "die", "bad")).Error.Should().Be(ImageError.ImageDamaged);
        (await RefusedAsync(pool, "pid", "bad")).Error.Should().Be(ImageError.ImageDamaged, "it is the source that is remembered");

        (await TextAsync(pool, "pid")).Should().Be(survivor, "no worker was asked any more");
    }

    [Fact]
    public async Task A_job_that_takes_too_long_is_killed_once_and_told_of_twice()
    {
        var pool = Pool(options => options.RenderTimeout = TimeSpan.FromSeconds(2));
        var busy = await TextAsync(pool, "pid");
        var watch = Stopwatch.StartNew();

        (await RefusedAsync(pool, "sleep 60000", "slow")).Error.Should().Be(ImageError.RenderingTimedOut);

        watch.Elapsed.Should().BeGreaterThan(TimeSpan.FromSeconds(1.9)).And.BeLessThan(Deadline);
        IsThere(busy).Should().BeFalse();
        (await RefusedAsync(pool, "sleep 60000", "slow")).Error.Should().Be(ImageError.RenderingTimedOut);
        watch.Restart();
        (await RefusedAsync(pool, "sleep 60000", "slow")).Error.Should().Be(ImageError.RenderingTimedOut);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(1.9), "it is not tried a third time");
    }

    [Fact]
    public async Task Memory_beyond_the_limit_is_not_given_and_what_no_limit_counts_is_seen()
    {
        var pool = Pool(options => options.WorkerMemoryBytes = 256 << 20);

        var answer = await TextAsync(pool, "allocate 1000");
        var seen = await RefusedAsync(pool, "share 600");

        answer.Should().StartWith("refused after ");
        int.Parse(answer.Split(' ')[2], CultureInfo.InvariantCulture).Should().BeInRange(100, 256);
        seen.Error.Should().Be(ImageError.ImageTooLarge);
    }

    [Fact]
    public async Task A_worker_that_keeps_half_of_its_memory_makes_way()
    {
        var pool = Pool(options => options.WorkerMemoryBytes = 400 << 20);
        var fat = await TextAsync(pool, "pid");

        (await TextAsync(pool, "allocate 220")).Should().Be("all of it");

        (await TextAsync(pool, "pid")).Should().NotBe(fat);
    }

    [Fact]
    public async Task Who_finds_the_queue_full_is_told_when_to_come_back()
    {
        var pool = Pool(options => options.QueueLength = 1);
        var running = RenderAsync(pool, ScriptedWorker.Job("sleep 2000"));
        var waiting = RenderAsync(pool, ScriptedWorker.Job("sleep 0"));

        var refused = await RefusedAsync(pool, "pid");

        refused.Error.Should().Be(ImageError.RenderingBusy);
        refused.RetryAfter.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1)).And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        await Task.WhenAll(running, waiting).WaitAsync(Deadline);
    }

    [Fact]
    public async Task Who_waits_longer_than_one_may_is_told_so_and_takes_no_place()
    {
        var pool = Pool(options => (options.QueueTimeout, options.QueueLength) = (TimeSpan.FromMilliseconds(150), 1));
        var running = RenderAsync(pool, ScriptedWorker.Job("sleep 2000"));

        (await RefusedAsync(pool, "pid")).Error.Should().Be(ImageError.RenderingBusy);
        (await RefusedAsync(pool, "pid")).Error.Should().Be(ImageError.RenderingBusy);

        running.IsCompleted.Should().BeFalse();
        await running.WaitAsync(Deadline);
        (await TextAsync(pool, "pid")).Should().NotBeEmpty();
    }

    [Fact]
    public async Task Who_calls_off_while_waiting_takes_the_job_back()
    {
        var pool = Pool(options => options.QueueLength = 1);
        using var leaving = new CancellationTokenSource();
        var running = RenderAsync(pool, ScriptedWorker.Job("sleep 2000"));
        var waiting = pool.RenderAsync(ScriptedWorker.Job($"die-once {_folder}/never"), "k", leaving.Token);

        await leaving.CancelAsync();

        await Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
        running.IsCompleted.Should().BeFalse();
        var behind = RenderAsync(pool, ScriptedWorker.Job("echo behind"));
        ScriptedWorker.Text(await behind.WaitAsync(Deadline)).Should().StartWith("behind", "its place is somebody else's");
        File.Exists($"{_folder}/never").Should().BeFalse();
    }

    [Fact]
    public async Task A_job_that_nobody_waits_for_may_end_when_it_is_short()
    {
        var pool = Pool(patience: Deadline);
        var first = await TextAsync(pool, "pid");

        await LeaveAsync(pool, "sleep 300");

        (await TextAsync(pool, "pid")).Should().Be(first);
    }

    [Fact]
    public async Task A_job_that_nobody_waits_for_is_killed_when_it_is_long_and_nobody_is_blamed()
    {
        var pool = Pool(patience: TimeSpan.FromMilliseconds(100));
        var first = await TextAsync(pool, "pid");

        await LeaveAsync(pool, "sleep 60000");
        await LeaveAsync(pool, "sleep 60000");

        (await TextAsync(pool, "pid", "sleep 60000")).Should().NotBe(first);
        IsThere(first).Should().BeFalse();
    }

    [Fact]
    public async Task Whoever_has_left_may_use_the_memory_of_the_job_for_something_else()
    {
        var ticket = new RenderTicket(ScriptedWorker.Job("x"), "k", 0);
        ticket.TryBorrow().Should().BeTrue();

        var leaving = ticket.LeaveAsync(TimeSpan.FromMinutes(1));

        leaving.IsCompleted.Should().BeFalse("it is being sent");
        ticket.TryBorrow().Should().BeFalse("there is no second try");
        ticket.Return();
        await leaving.WaitAsync(Deadline);
        ticket.Dispose();
        await ticket.LeaveAsync(TimeSpan.FromMinutes(1)).WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_worker_that_has_done_enough_makes_way()
    {
        var pool = Pool(options => options.WorkerJobs = 2);

        var numbers = new List<string>();
        for (var i = 0; i < 4; i++)
            numbers.Add(await TextAsync(pool, "pid"));

        numbers.Distinct().Should().HaveCount(2);
        numbers[0].Should().Be(numbers[1]);
        IsThere(numbers[0]).Should().BeFalse();
    }

    [Theory]
    [InlineData("rubbish 00000000000000000000000000000000")]
    [InlineData("rubbish 4F525703000000000000000000000040")]
    [InlineData("rubbish 4F5257030000000000000000000000")]
    [InlineData("rubbish 4F525701000000000000000000000000")]
    [InlineData("page")]
    public async Task A_worker_that_answers_rubbish_is_killed(string script)
    {
        var pool = Pool();
        var first = await TextAsync(pool, "pid");

        (await RefusedAsync(pool, script)).Error.Should().Be(ImageError.ImageDamaged);

        IsThere(first).Should().BeFalse();
        (await TextAsync(pool, "pid")).Should().NotBeEmpty();
    }

    [Fact]
    public async Task What_a_library_prints_is_no_answer()
    {
        var pool = Pool();

        (await TextAsync(pool, "print")).Should().Be("clean");
        (await TextAsync(pool, "print")).Should().Be("clean");
    }

    [Fact]
    public async Task A_worker_that_ends_while_it_is_idle_is_replaced_and_nobody_is_blamed()
    {
        var pool = Pool();
        var first = await TextAsync(pool, "pid", "k");
        using (var worker = Process.GetProcessById(int.Parse(first, CultureInfo.InvariantCulture)))
            worker.Kill();
        await Eventually.TrueAsync(() => Task.FromResult(!IsThere(first)), "it has gone");

        (await TextAsync(pool, $"die-once {_folder}/died", "k")).Should().Be("second");
    }

    [Fact]
    public async Task Workers_that_are_idle_end_but_for_one()
    {
        var pool = Pool(options => (options.Workers, options.WorkerIdle) = (3, TimeSpan.FromMilliseconds(200)));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RenderAsync(pool, ScriptedWorker.Job("sleep 500")))).WaitAsync(Deadline);
        pool.Running.Should().BeGreaterThan(1);

        await Eventually.TrueAsync(() => Task.FromResult(pool.Running == 1), "only one is left");

        (await TextAsync(pool, "pid")).Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_stop_ends_what_is_under_way_and_leaves_no_process_and_no_file()
    {
        var pool = Pool();
        var number = await TextAsync(pool, "pid");
        var running = RefusedAsync(pool, "sleep 60000");
        var waiting = RefusedAsync(pool, "sleep 0");
        var watch = Stopwatch.StartNew();

        await pool.DisposeAsync();

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
        (await running).Error.Should().Be(ImageError.RenderingBusy);
        (await waiting).Error.Should().Be(ImageError.RenderingBusy);
        (await RefusedAsync(pool, "pid")).Error.Should().Be(ImageError.RenderingBusy);
        Directory.Exists($"/proc/{number}").Should().BeFalse("not even a zombie is left");
        Directory.EnumerateFileSystemEntries(_folder).Should().BeEmpty();
    }

    private WorkerPool Pool(Action<RenderingOptions>? change = null, TimeSpan? patience = null)
    {
        var options = new RenderingOptions { Workers = 1 };
        change?.Invoke(options);
        var pool = new WorkerPool(options, ScriptedWorker.Command, _folder, TimeProvider.System, NullLogger<WorkerPool>.Instance)
        {
            Patience = patience ?? WorkerPool.AbandonedPatience,
        };
        _pools.Add(pool);
        return pool;
    }

    private static Func<Task> Awaiting(Func<Task> action) => action;

    private static Task<RenderResult> RenderAsync(WorkerPool pool, RenderJob job, string? key = null) =>
        pool.RenderAsync(job, key ?? Encoding.UTF8.GetString(job.Source.Span[..Math.Min(job.Source.Length, 100)]), CancellationToken.None);

    private static async Task<string> TextAsync(WorkerPool pool, string script, string? key = null) =>
        ScriptedWorker.Text(await RenderAsync(pool, ScriptedWorker.Job(script), key).WaitAsync(Deadline));

    private static Task<ImageException> RefusedAsync(WorkerPool pool, string script, string? key = null) =>
        RefusedAsync(() => RenderAsync(pool, ScriptedWorker.Job(script), key));

    private static async Task<ImageException> RefusedAsync(Func<Task> action) =>
        (await Awaiting(() => action().WaitAsync(Deadline)).Should().ThrowAsync<ImageException>()).Which;

    private static async Task LeaveAsync(WorkerPool pool, string script)
    {
        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Awaiting(() => pool.RenderAsync(ScriptedWorker.Job(script), script, leaving.Token))
            .Should().ThrowAsync<OperationCanceledException>();
    }

    private static bool IsThere(string number) => Directory.Exists($"/proc/{number}");
}
