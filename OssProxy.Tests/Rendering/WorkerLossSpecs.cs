using System.Diagnostics;
using System.Globalization;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>What it costs when a worker is lost, and whom.</summary>
public sealed class WorkerLossSpecs : ScriptedPool
{
    [Fact]
    public async Task A_worker_that_dies_in_mid_job_costs_one_more_try_and_nothing_else()
    {
        var pool = Pool();
        var first = await TextAsync(pool, "pid");

        var answer = await TextAsync(pool, $"die-once {Folder}/died");

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
        pool.LossesBy(WorkerLoss.Died).Should().Be(2);
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

        var light = ScriptedWorker.Job("pid") with { Process = new ImageProcess([], "image/resize,w_10") };
        ScriptedWorker.Text(await RenderAsync(pool, light, "slow").WaitAsync(Deadline)).Should().NotBeEmpty("it was the process that was slow");
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
    public async Task A_worker_that_ends_while_it_is_idle_is_replaced_and_nobody_is_blamed()
    {
        var pool = Pool();
        var first = await TextAsync(pool, "pid", "k");
        using (var worker = Process.GetProcessById(int.Parse(first, CultureInfo.InvariantCulture)))
            worker.Kill();
        await Eventually.TrueAsync(() => Task.FromResult(!IsThere(first)), "it has gone");

        (await TextAsync(pool, $"die-once {Folder}/died", "k")).Should().Be("second");
    }
}
