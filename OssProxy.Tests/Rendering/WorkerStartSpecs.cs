using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>When there is no worker to be had, and which sources are not tried again.</summary>
public sealed class WorkerStartSpecs : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-start-").FullName;
    private readonly Clock _clock = new();

    private string Tries => Path.Combine(_folder, "tries");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_a_library_everybody_is_told_what_to_install()
    {
        await using var pool = Pool("/dev/null");

        var first = await RefusedAsync(() => pool.RenderAsync(ScriptedWorker.Job("pid"), "k", CancellationToken.None));
        var described = await RefusedAsync(() => pool.DescribeAsync(CancellationToken.None));

        first.Error.Should().Be(ImageError.EngineMissing);
        first.Message.Should().Contain("apt-get install libscripted");
        described.Error.Should().Be(ImageError.EngineMissing);
        described.Message.Should().Be(first.Message);
        pool.Report.Should().BeNull();
    }

    [Fact]
    public async Task A_worker_that_breaks_down_at_its_start_is_told_to_the_log_and_who_asks_is_told_when_to_come_back()
    {
        await using var pool = Pool("/dev/zero");

        var refused = await RefusedAsync(() => pool.RenderAsync(ScriptedWorker.Job("pid"), "k", CancellationToken.None));

        (refused.Error, refused.RetryAfter).Should().Be((ImageError.RenderingBusy, TimeSpan.FromSeconds(1)));
        refused.InnerException!.Message.Should().Contain("no start");
        refused.Message.Should().NotContain("no start");
    }

    [Fact]
    public async Task What_cannot_be_started_is_not_tried_for_every_request()
    {
        var starts = Starts(new WorkerCommand("sh", ["-c", $"echo x >> {Tries}; exit 1"]));

        for (var i = 0; i < 20; i++)
            (await RefusedAsync(() => starts.StartAsync(CancellationToken.None))).Error.Should().Be(ImageError.RenderingBusy);
        Tried().Should().Be(1);

        _clock.Advance(TimeSpan.FromSeconds(1));
        var second = await RefusedAsync(() => starts.StartAsync(CancellationToken.None));
        Tried().Should().Be(2);
        second.RetryAfter.Should().Be(TimeSpan.FromSeconds(2));

        _clock.Advance(TimeSpan.FromSeconds(1));
        var third = await RefusedAsync(() => starts.StartAsync(CancellationToken.None));
        Tried().Should().Be(2, "the pause has doubled");
        third.RetryAfter.Should().Be(TimeSpan.FromSeconds(1), "half of it is over");
        starts.Running.Should().Be(0);
        Directory.EnumerateDirectories(_folder).Should().BeEmpty();
    }

    [Fact]
    public async Task Starts_that_fail_together_are_one_failure()
    {
        var starts = Starts(new WorkerCommand("sh", ["-c", $"echo x >> {Tries}; exit 1"]));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefusedAsync(() => starts.StartAsync(CancellationToken.None))));

        starts.Pause.Should().Be(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_failure()
    {
        var starts = Starts(new WorkerCommand(Path.Combine(_folder, "none"), []));

        (await RefusedAsync(() => starts.StartAsync(CancellationToken.None))).Error.Should().Be(ImageError.RenderingBusy);

        Directory.EnumerateDirectories(_folder).Should().BeEmpty();
    }

    [Fact]
    public void Losses_at_once_are_one_because_they_may_have_nothing_to_do_with_the_source()
    {
        var poison = new PoisonedSources(TimeSpan.FromHours(1), _clock);
        var begun = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(1));

        poison.Blame("a", "p", WorkerLoss.Died, begun).Should().BeFalse();
        poison.Blame("a", "p", WorkerLoss.Died, begun).Should().BeFalse("the same blow has hit both");

        _clock.Advance(TimeSpan.FromSeconds(1));
        poison.Blame("a", "p", WorkerLoss.Died, _clock.GetTimestamp()).Should().BeTrue("it was tried again");
    }

    [Fact]
    public void The_second_loss_poisons_a_source_for_a_while()
    {
        var poison = new PoisonedSources(TimeSpan.FromHours(1), _clock);

        poison.Blame("a", "p", WorkerLoss.Died).Should().BeFalse();
        poison["a", "p"].Should().BeNull();
        poison.Blame("a", "q", WorkerLoss.Rubbish).Should().BeTrue("what brings a library down does so with any process");
        poison["a", "p"].Should().Be(WorkerLoss.Rubbish);
        poison["b", "p"].Should().BeNull();

        _clock.Advance(TimeSpan.FromMinutes(59));
        poison["a", "p"].Should().NotBeNull();
        _clock.Advance(TimeSpan.FromMinutes(1));
        poison["a", "p"].Should().BeNull();
        poison.Blame("a", "p", WorkerLoss.Died).Should().BeFalse("what was is forgotten");
    }

    [Theory]
    [InlineData(nameof(WorkerLoss.TimedOut))]
    [InlineData(nameof(WorkerLoss.TooMuchMemory))]
    public void What_takes_too_much_is_blamed_on_the_process_as_well(string name)
    {
        var loss = Enum.Parse<WorkerLoss>(name);
        var poison = new PoisonedSources(TimeSpan.FromHours(1), _clock);
        poison.Blame("a", "heavy", loss).Should().BeFalse();
        poison.Blame("a", "other", loss).Should().BeFalse("it has cost one worker each");

        poison.Blame("a", "heavy", loss).Should().BeTrue();

        poison["a", "heavy"].Should().Be(loss);
        poison["a", "light"].Should().BeNull();
        poison["a", "other"].Should().BeNull();
    }

    [Fact]
    public void A_success_speaks_for_the_source_with_this_process_alone()
    {
        var poison = new PoisonedSources(TimeSpan.FromHours(1), _clock);
        poison.Blame("a", "p", WorkerLoss.TimedOut);
        poison.Blame("a", "q", WorkerLoss.TimedOut);
        poison.Blame("a", "q", WorkerLoss.Died);

        poison.Acquit("a", "p");

        poison.Blame("a", "p", WorkerLoss.TimedOut).Should().BeFalse("that was forgotten");
        poison.Blame("a", "q", WorkerLoss.TimedOut).Should().BeTrue("this was not");
        poison.Blame("a", "q", WorkerLoss.Died).Should().BeTrue("that one process goes well says nothing of another that brought a worker down");
    }

    [Fact]
    public void A_loss_that_was_chance_is_forgotten_in_time()
    {
        var poison = new PoisonedSources(TimeSpan.FromHours(1), _clock);
        poison.Blame("a", "p", WorkerLoss.Died);
        poison.Acquit("a", "p");

        _clock.Advance(TimeSpan.FromHours(1));

        poison.Blame("a", "p", WorkerLoss.Died).Should().BeFalse();
    }

    [Fact]
    public void No_more_sources_are_remembered_than_there_is_room_for()
    {
        var poison = new PoisonedSources(TimeSpan.FromHours(1), _clock);
        poison.Blame("first", "p", WorkerLoss.Died);
        poison.Blame("first", "p", WorkerLoss.Died);

        for (var i = 0; i < PoisonedSources.MostKeys; i++)
            poison.Blame($"{i}", "p", WorkerLoss.Died);

        poison["first", "p"].Should().BeNull();
        poison.Blame("0", "p", WorkerLoss.Died).Should().BeTrue("it is the oldest that makes room, and no other");
    }

    [Fact]
    public void One_line_passes_in_a_while_and_the_others_are_counted()
    {
        var pace = new LogPace(TimeSpan.FromSeconds(10), _clock);

        pace.TryPass(out var held).Should().BeTrue();
        held.Should().Be(0);
        pace.TryPass(out _).Should().BeFalse();
        pace.TryPass(out _).Should().BeFalse();
        _clock.Advance(TimeSpan.FromSeconds(10));
        pace.TryPass(out held).Should().BeTrue();
        held.Should().Be(2);
    }

    [Fact]
    public void Options_that_are_none_are_named()
    {
        var options = new RenderingOptions
        {
            Workers = 65,
            QueueLength = -1,
            RenderTimeout = TimeSpan.Zero,
            WorkerMemoryBytes = 1000,
            MaxResultPixels = 16_777_217,
            Library = "/no/such.so",
        };

        var faults = new RenderingOptionsValidator().Validate(name: null, options).Failures;

        faults.Should().HaveCount(6).And.OnlyContain(fault => fault.StartsWith("Images:", StringComparison.Ordinal) && fault.EndsWith('。'));
        new RenderingOptionsValidator().Validate(name: null, new RenderingOptions()).Succeeded.Should().BeTrue();
    }

    private WorkerPool Pool(string library) => new(
        new RenderingOptions { Workers = 1, Library = library }, ScriptedWorker.Command, _folder, TimeProvider.System,
        NullLogger<WorkerPool>.Instance);

    private WorkerStarts Starts(WorkerCommand command) => new(
        command, new WorkerArguments(1 << 30, TimeSpan.FromSeconds(1), "", Known: null), new WorkerFolder(_folder), _clock,
        NullLogger.Instance);

    private int Tried() => File.ReadAllLines(Tries).Length;

    private static async Task<ImageException> RefusedAsync(Func<Task> action)
    {
        var bounded = () => action().WaitAsync(Deadline);
        return (await bounded.Should().ThrowAsync<ImageException>()).Which;
    }
}
