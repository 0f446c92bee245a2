using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>Who waits for a worker, for how long, and who leaves.</summary>
public sealed class RenderQueueSpecs : ScriptedPool
{
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
        var waiting = pool.RenderAsync(ScriptedWorker.Job($"die-once {Folder}/never"), "k", leaving.Token);

        await leaving.CancelAsync();

        await Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
        running.IsCompleted.Should().BeFalse();
        var behind = RenderAsync(pool, ScriptedWorker.Job("echo behind"));
        ScriptedWorker.Text(await behind.WaitAsync(Deadline)).Should().StartWith("behind", "its place is somebody else's");
        File.Exists($"{Folder}/never").Should().BeFalse();
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
    public async Task What_is_urgent_finds_room_where_others_find_none()
    {
        var pool = Pool(options => options.QueueLength = 0);
        var running = RenderAsync(pool, ScriptedWorker.Job("sleep 1000"));

        var refused = await RefusedAsync(pool, "pid");
        var urgent = await RenderAsync(pool, ScriptedWorker.Job("echo urgent") with { IsUrgent = true }).WaitAsync(Deadline);

        refused.Error.Should().Be(ImageError.RenderingBusy);
        ScriptedWorker.Text(urgent).Should().StartWith("urgent");
        await running.WaitAsync(Deadline);
    }

    [Fact]
    public async Task What_is_urgent_goes_first_and_in_its_own_order()
    {
        static RenderTicket Ticket(bool isUrgent) => new(ScriptedWorker.Job("x") with { IsUrgent = isUrgent }, "k", 0);
        using var usual = Ticket(isUrgent: false);
        using var refused = Ticket(isUrgent: false);
        using var first = Ticket(isUrgent: true);
        using var second = Ticket(isUrgent: true);
        using var left = Ticket(isUrgent: true);
        var queue = new RenderQueue(1);

        queue.TryEnqueue(usual, out _).Should().BeTrue();
        queue.TryEnqueue(first, out _).Should().BeTrue();
        queue.TryEnqueue(second, out _).Should().BeTrue();
        queue.TryEnqueue(left, out _).Should().BeTrue();
        queue.TryEnqueue(refused, out _).Should().BeFalse("what is urgent has taken no place, and the one place is taken");
        queue.Count.Should().Be(4);
        queue.TryRemove(left).Should().BeTrue();

        (await queue.TakeAsync()).Should().BeSameAs(first);
        (await queue.TakeAsync()).Should().BeSameAs(second);
        (await queue.TakeAsync()).Should().BeSameAs(usual);
    }

    [Fact]
    public async Task What_is_urgent_waits_for_as_long_as_what_is_before_it_may_take()
    {
        var pool = Pool(options => options.QueueTimeout = TimeSpan.FromMilliseconds(100));
        var running = RenderAsync(pool, ScriptedWorker.Job("sleep 1500"));

        var urgent = RenderAsync(pool, ScriptedWorker.Job("echo urgent") with { IsUrgent = true });
        var refused = await RefusedAsync(pool, "pid");

        refused.Error.Should().Be(ImageError.RenderingBusy);
        running.IsCompleted.Should().BeFalse();
        ScriptedWorker.Text(await urgent.WaitAsync(Deadline)).Should().StartWith("urgent");
        await running.WaitAsync(Deadline);
    }

    [Fact]
    public async Task What_a_lane_cannot_do_is_the_next_ones()
    {
        static RenderTicket Ticket(bool isUrgent) => new(ScriptedWorker.Job("x") with { IsUrgent = isUrgent }, "k", 0);
        using var first = Ticket(isUrgent: false);
        using var second = Ticket(isUrgent: false);
        var queue = new RenderQueue(1);
        var (here, there) = (queue.TakeAsync(), queue.TakeAsync());
        queue.TryEnqueue(first, out _).Should().BeTrue();
        (await there).Should().BeSameAs(first);

        queue.TryReturn(first).Should().BeTrue();
        (await here.WaitAsync(Deadline)).Should().BeSameAs(first, "another lane is idle");

        queue.TryEnqueue(second, out _).Should().BeTrue();
        queue.TryReturn(first).Should().BeTrue();
        (await queue.TakeAsync()).Should().BeSameAs(first, "it was before the others");

        queue.TryReturn(first).Should().BeTrue();
        queue.TryRemove(first).Should().BeTrue("it waits again");
        queue.Close();
        queue.TryReturn(first).Should().BeFalse("nobody would do it");
        queue.Closed.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task One_client_does_not_keep_the_workers_from_the_others()
    {
        static RenderTicket Ticket(string client) => new(ScriptedWorker.Job("x") with { Client = client }, "k", 0);
        RenderTicket[] greedy = [Ticket("greedy"), Ticket("greedy"), Ticket("greedy")];
        using var modest = Ticket("modest");
        using var late = Ticket("late");
        var queue = new RenderQueue(3);
        foreach (var one in greedy)
            queue.TryEnqueue(one, out _).Should().BeTrue();

        queue.TryEnqueue(modest, out var displaced).Should().BeTrue();
        displaced.Should().BeSameAs(greedy[2], "it was the last of the longest line");
        queue.TryEnqueue(late, out displaced).Should().BeTrue();
        displaced.Should().BeSameAs(greedy[1]);
        queue.TryEnqueue(Ticket("later"), out displaced).Should().BeFalse("nobody has more than one");
        displaced.Should().BeNull();

        queue.TryRemove(greedy[2]).Should().BeFalse("it has lost its place");
        (await queue.TakeAsync()).Should().BeSameAs(greedy[0]);
        queue.TryEnqueue(greedy[1], out _).Should().BeTrue();
        (await queue.TakeAsync()).Should().BeSameAs(modest);
        (await queue.TakeAsync()).Should().BeSameAs(late);
        (await queue.TakeAsync()).Should().BeSameAs(greedy[1]);
    }

    [Fact]
    public async Task Who_loses_the_place_to_another_is_told_when_to_come_back()
    {
        var pool = Pool(options => options.QueueLength = 2);
        var running = RenderAsync(pool, ScriptedWorker.Job("sleep 1000"));
        var first = RenderAsync(pool, ScriptedWorker.Job("echo first") with { Client = "greedy" });
        var second = RenderAsync(pool, ScriptedWorker.Job("echo second") with { Client = "greedy" });

        var modest = RenderAsync(pool, ScriptedWorker.Job("echo modest") with { Client = "modest" });

        var refused = await FluentActions.Awaiting(() => second).Should().ThrowAsync<ImageException>();
        (refused.Which.Error, refused.Which.RetryAfter > TimeSpan.Zero).Should().Be((ImageError.RenderingBusy, true));
        running.IsCompleted.Should().BeFalse();
        await Task.WhenAll(running, first, modest).WaitAsync(Deadline);
    }
}
