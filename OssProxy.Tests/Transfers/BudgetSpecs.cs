using OssProxy.Core.Transfers;
using OssProxy.Emulator;
using OssProxy.Tests.Oss;
using ScriptedBody = OssProxy.Tests.Storage.ScriptedBody;

namespace OssProxy.Tests.Transfers;

/// <summary>Many uploads over the smallest budget: none waits for ever, none starves another, and the budget is kept.</summary>
public sealed class BudgetSpecs(EmulatedStore oss) : IClassFixture<EmulatedStore>, IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TransferBench _bench = new(oss);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Two_hundred_uploads_of_all_sizes_at_once_all_come_to_their_end()
    {
        int[] lengths = [1, 3000, 65_536, 300_000, 900_000, 1_048_577, 1_500_000, 2_500_000];
        string[] ways = ["auto", "parts", "auto", "temp", "auto"];
        async Task SendAsync(int number)
        {
            var store = number % 10 == 9 ? _bench.Disk : oss.Store;
            var key = oss.NewKey();
            var length = lengths[number % lengths.Length];
            await _bench.SendAsync(ways[number % ways.Length], store, key, length);
            (await store.Store.HeadAsync(key, _bench.Deadline))!.Length.Should().Be(length);
        }

        await Task.WhenAll(Enumerable.Range(0, 200).Select(SendAsync));

        await _bench.NothingShouldRemainAsync();
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("stream")]
    [InlineData("temp")]
    [InlineData("parts")]
    public async Task Clients_that_trickle_and_hold_all_that_may_be_gathered_do_not_keep_a_fresh_upload_waiting(string transfer)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tricklers = Enumerable.Range(0, 7).Select(async _ =>
        {
            // All but the last of their file, and then nothing for as long as they like.
            await using var body = new ScriptedBody(MiB - 10, token => go.Task.WaitAsync(token), 100_000);
            return await _bench.SendAsync("parts", new Shipment(oss.Store, oss.NewKey(), TransferBench.Content(body)));
        }).ToList();
        await Eventually.TrueAsync(
            () => Task.FromResult(_bench.Budget.GatheredBytes == _bench.Budget.GatheringBytes), "all that may be gathered is held");

        foreach (var store in new[] { oss.Store, _bench.Disk })
        {
            foreach (var length in new[] { 300_000, (3 * MiB) + 10 })
            {
                var key = oss.NewKey();
                await _bench.SendAsync(transfer, store, key, length);
                await EmulatedStore.ShouldHoldAsync(store.Store, key, length);
            }
        }

        tricklers.Should().OnlyContain(trickler => !trickler.IsCompleted);
        go.SetResult();
        (await Task.WhenAll(tricklers)).Should().OnlyContain(stored => stored.Length == MiB - 10);
        await _bench.NothingShouldRemainAsync();
    }

    [Fact]
    public async Task Where_nothing_can_be_gathered_a_file_streams_and_parts_go_one_by_one()
    {
        var held = _bench.HoldAllThatMayBeGathered();
        var small = oss.NewKey();
        var large = oss.NewKey();

        await _bench.SendAsync("auto", oss.Store, small, 300_000, limit: 300_000);
        await _bench.SendAsync("auto", oss.Store, large, (2 * MiB) + 10);

        oss.Requests(OssOperation.PutObject, small).Should().ContainSingle().Which.Headers.Should().NotContainKey("content-length");
        var parts = oss.Requests(OssOperation.UploadPart, large);
        parts.Select(part => part.BodyBytes).Should().Equal(MiB, MiB, 10);
        parts.Should().OnlyContain(part => !part.Headers.ContainsKey("content-length"));
        await EmulatedStore.ShouldHoldAsync(oss.Store.Store, large, (2 * MiB) + 10);
        foreach (var block in held)
            block.Dispose();
        await _bench.NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_part_that_is_larger_than_the_share_of_one_upload_is_sent_as_it_comes()
    {
        var limits = TransferBench.Limits with { PartBytes = 3 * MiB };
        foreach (var transfer in new ITransfer[] { new AutoTransfer(_bench.Budget, limits), new PartsTransfer(_bench.Budget, limits) })
        {
            var key = oss.NewKey();
            var most = 0L;
            await using var body = new ScriptedBody((6 * MiB) + 10, piece: 100_000);
            await using var watched = new WatchedBody(body, () => most = Math.Max(most, _bench.Budget.GatheredBytes));

            await transfer.SendAsync(new Shipment(oss.Store, key, TransferBench.Content(watched)), _bench.Deadline);

            oss.Requests(OssOperation.UploadPart, key).Select(part => part.BodyBytes).Should().Equal(3 * MiB, 3 * MiB, 10);
            most.Should().BeLessThanOrEqualTo(2 * MiB);
            await EmulatedStore.ShouldHoldAsync(oss.Store.Store, key, (6 * MiB) + 10);
        }

        await _bench.NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_replay_buffer_grows_only_as_bytes_arrive_and_goes_back_as_they_are_sent_on()
    {
        var held = new List<long>();
        await using var body = new ScriptedBody(MiB + 500_000, piece: 65_536);
        await using var watched = new WatchedBody(body, () => held.Add(_bench.Budget.GatheredBytes));
        await _bench.SendAsync(
            "auto", new Shipment(oss.Store, oss.NewKey(), TransferBench.Content(watched) with { LengthLimit = 2 * MiB }));

        held.Take(16).Should().Equal(Enumerable.Range(1, 16).Select(blocks => blocks * 65_536L), "one block for each piece");
        held[^1].Should().Be(0, "what had been gathered was sent and returned before the rest came");
    }

    /// <summary>Looks at something before each read.</summary>
    private sealed class WatchedBody(Stream inner, Action look) : Core.Streams.ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            look();
            return inner.ReadAsync(buffer, cancellationToken);
        }
    }
}
