using OssProxy.Core.Streams;

namespace OssProxy.Tests.Streams;

public sealed class BufferBudgetSpecs : IDisposable
{
    private const int Blocks = 128;
    private const int Gathering = 96;

    private readonly BufferBudget _budget = new(BufferBudget.MinBytes);
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));

    public void Dispose() => _deadline.Dispose();

    [Theory]
    [InlineData(BufferBudget.MinBytes - 1)]
    [InlineData(BufferBudget.MaxBytes + 1)]
    [InlineData(-1)]
    public void A_budget_out_of_its_bounds_is_refused(long bytes)
    {
        var make = () => new BufferBudget(bytes);

        make.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(BufferBudget.MinBytes, 128L, 96L)]
    [InlineData(BufferBudget.MinBytes + 65_535, 128L, 96L)]
    [InlineData(BufferBudget.DefaultBytes, 1024L, 768L)]
    [InlineData(BufferBudget.MaxBytes, 262_144L, 196_608L)]
    public void A_budget_is_whole_blocks_and_three_quarters_of_them_may_gather(long bytes, long blocks, long gathering)
    {
        var budget = new BufferBudget(bytes);

        budget.TotalBytes.Should().Be(blocks * 65_536);
        budget.GatheringBytes.Should().Be(gathering * 65_536);
        budget.HeldBytes.Should().Be(0);
    }

    [Fact]
    public async Task A_block_is_64_KiB_and_is_counted_until_it_is_returned()
    {
        using (var moving = await _budget.RentAsync(_deadline.Token))
        {
            moving.Memory.Length.Should().Be(65_536);
            _budget.HeldBytes.Should().Be(65_536);
            _budget.GatheredBytes.Should().Be(0);

            _budget.TryRent(out var gathering).Should().BeTrue();
            gathering!.Memory.Length.Should().Be(65_536);
            _budget.HeldBytes.Should().Be(131_072);
            _budget.GatheredBytes.Should().Be(65_536);
            gathering.Dispose();
        }

        _budget.HeldBytes.Should().Be(0);
        _budget.GatheredBytes.Should().Be(0);
    }

    [Fact]
    public async Task A_block_that_is_returned_twice_is_counted_once_and_can_no_longer_be_used()
    {
        using var other = await _budget.RentAsync(_deadline.Token);
        var block = await _budget.RentAsync(_deadline.Token);
        block.Dispose();
        block.Dispose();

        _budget.HeldBytes.Should().Be(65_536);
        var use = () => block.Memory;
        use.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public async Task Who_finds_no_room_waits_and_is_served_in_turn()
    {
        var held = await FillAsync();
        var first = _budget.RentAsync(_deadline.Token).AsTask();
        var second = _budget.RentAsync(_deadline.Token).AsTask();
        _budget.Waiting.Should().Be(2);

        held[0].Dispose();
        (await first.WaitAsync(_deadline.Token)).Dispose();
        (await second.WaitAsync(_deadline.Token)).Dispose();

        _budget.Waiting.Should().Be(0);
        _budget.HeldBytes.Should().Be((Blocks - 1) * 65_536L);
    }

    [Fact]
    public async Task The_second_in_the_queue_is_not_served_before_the_first()
    {
        var held = await FillAsync();
        var first = _budget.RentAsync(_deadline.Token).AsTask();
        var second = _budget.RentAsync(_deadline.Token).AsTask();

        held[0].Dispose();
        var block = await first.WaitAsync(_deadline.Token);

        second.IsCompleted.Should().BeFalse();
        _budget.TryRent(out _).Should().BeFalse("what is returned belongs to the queue");
        block.Dispose();
        (await second.WaitAsync(_deadline.Token)).Dispose();
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_the_queue()
    {
        var held = await FillAsync();
        using var patience = new CancellationTokenSource();
        var impatient = _budget.RentAsync(patience.Token).AsTask();
        var patient = _budget.RentAsync(_deadline.Token).AsTask();

        await patience.CancelAsync();

        var wait = () => impatient;
        (await wait.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(patience.Token);
        _budget.Waiting.Should().Be(1);
        held[0].Dispose();
        (await patient.WaitAsync(_deadline.Token)).Dispose();
        held.ForEach(block => block.Dispose());
        _budget.HeldBytes.Should().Be(0);
    }

    [Fact]
    public async Task A_token_that_has_fired_before_gets_nothing()
    {
        var rent = async () => await _budget.RentAsync(new CancellationToken(canceled: true));

        await rent.Should().ThrowAsync<OperationCanceledException>();
        _budget.HeldBytes.Should().Be(0);
    }

    [Fact]
    public async Task Gathering_never_takes_the_last_quarter()
    {
        var gathered = new List<BufferBlock>();
        while (_budget.TryRent(out var block))
            gathered.Add(block);

        gathered.Should().HaveCount(Gathering);
        for (var i = 0; i < 1000; i++)
            (await _budget.RentAsync(_deadline.Token).AsTask().WaitAsync(_deadline.Token)).Dispose();

        gathered[0].Dispose();
        _budget.TryRent(out _).Should().BeTrue();
    }

    [Fact]
    public async Task Moving_may_take_what_gathering_leaves()
    {
        await FillAsync();

        _budget.TryRent(out _).Should().BeFalse();
        _budget.HeldBytes.Should().Be(_budget.TotalBytes);
    }

    [Fact]
    public async Task What_was_not_needed_since_the_last_full_collection_goes_and_the_rest_is_used_again()
    {
        var held = await FillAsync();
        held.ForEach(block => block.Dispose());
        _budget.FreeBytes.Should().Be(_budget.TotalBytes);

        _budget.Trim();
        _budget.FreeBytes.Should().Be(_budget.TotalBytes, "all of them have been needed");

        var used = new List<BufferBlock>();
        for (var i = 0; i < 10; i++)
            used.Add(await _budget.RentAsync(_deadline.Token));
        used.ForEach(block => block.Dispose());
        _budget.Trim();
        _budget.FreeBytes.Should().Be(10 * 65_536L);
    }

    [Fact]
    public void Replay_buffers_have_an_eighth_whatever_parts_hold()
    {
        for (var i = 0; i < Gathering - 20; i++)
            _budget.TryRent(out _).Should().BeTrue();

        for (var i = 0; i < Blocks / 8; i++)
            _budget.TryRentReplay(out _).Should().BeTrue("what is gathered for parts does not count");
        _budget.TryRentReplay(out _).Should().BeFalse();
        _budget.TryRent(out var part).Should().BeTrue();

        part!.Dispose();
        _budget.TryRentReplay(out _).Should().BeFalse("a part that ends makes no room for a replay buffer");
    }

    [Fact]
    public async Task An_idle_budget_keeps_nothing_from_the_collector()
    {
        (await FillAsync()).ForEach(block => block.Dispose());

        await Eventually.TrueAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return Task.FromResult(_budget.FreeBytes == 0);
            },
            "the collector has everything back");
        _budget.HeldBytes.Should().Be(0);
    }

    [Fact]
    public async Task Among_many_that_come_wait_give_up_and_go_nothing_is_lost_and_the_budget_is_kept()
    {
        // Four are left for five hundred, so that they meet; and two of them for gathering, as the last quarter always goes round. If all
        // four could be gathered, who holds them would wait for each other.
        var held = new List<BufferBlock>();
        while (held.Count < Gathering - 2 && _budget.TryRent(out var block))
            held.Add(block);
        while (held.Count < Blocks - 4)
            held.Add(await _budget.RentAsync(_deadline.Token));
        long inUse = 0, most = 0;
        async Task Work(int seed)
        {
            var random = new Random(seed);
            for (var round = 0; round < 40; round++)
            {
                await Task.Yield();
                var gathered = new List<BufferBlock>();
                for (var i = random.Next(4); i > 0 && _budget.TryRent(out var block); i--)
                    gathered.Add(block);
                Count(gathered.Count);

                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
                var renting = _budget.RentAsync(patience.Token).AsTask();
                if (random.Next(5) == 0)
                    await patience.CancelAsync();
                try
                {
                    using var moving = await renting;
                    Count(1);
                    await Task.Yield();
                    Count(-1);
                }
                catch (OperationCanceledException) when (!_deadline.IsCancellationRequested)
                {
                }

                Count(-gathered.Count);
                gathered.ForEach(block => block.Dispose());
            }
        }

        void Count(int blocks)
        {
            var now = Interlocked.Add(ref inUse, blocks);
            long seen;
            while (now > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, now, seen) != seen)
            {
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 500).Select(Work));

        most.Should().BeInRange(1, 4);
        held.ForEach(block => block.Dispose());
        _budget.HeldBytes.Should().Be(0);
        _budget.GatheredBytes.Should().Be(0);
        _budget.Waiting.Should().Be(0);
    }

    private async Task<List<BufferBlock>> FillAsync()
    {
        var held = new List<BufferBlock>();
        for (var i = 0; i < Blocks; i++)
            held.Add(await _budget.RentAsync(_deadline.Token));
        return held;
    }
}
