using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>What the pool promises, with real processes whose engine does what the source says.</summary>
public sealed class WorkerPoolSpecs : ScriptedPool
{
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
    public async Task A_result_longer_than_the_pool_takes_is_a_refusal_and_costs_no_worker()
    {
        var pool = Pool();
        var worker = await TextAsync(pool, "pid");
        var job = ScriptedWorker.Job("much 3000000") with { Limits = new RenderLimits { ResultPixels = 1, SourcePixels = 1 } };

        var refused = await RefusedAsync(() => RenderAsync(pool, job));

        (refused.Error, refused.Ec).Should().Be((ImageError.ImageTooLarge, "0040-00000007"));
        (await TextAsync(pool, "pid")).Should().Be(worker);
        pool.LossesBy(WorkerLoss.Rubbish).Should().Be(0);
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

    [Fact]
    public async Task What_a_library_prints_is_no_answer()
    {
        var pool = Pool();

        (await TextAsync(pool, "print")).Should().Be("clean");
        (await TextAsync(pool, "print")).Should().Be("clean");
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
        Directory.EnumerateFileSystemEntries(Folder).Should().BeEmpty();
    }

    [Fact]
    public async Task A_stop_while_a_worker_is_started_is_told_as_a_stop()
    {
        var pool = Pool(command: new WorkerCommand("sh", ["-c", "exec sleep 60"]));
        var starting = RefusedAsync(pool, "pid");

        await pool.DisposeAsync();

        (await starting).Error.Should().Be(ImageError.RenderingBusy);
    }
}
