using OssProxy.Core.Storage;
using OssProxy.Core.Transfers;
using OssProxy.Emulator;
using OssProxy.Tests.Oss;
using ScriptedBody = OssProxy.Tests.Storage.ScriptedBody;

namespace OssProxy.Tests.Transfers;

/// <summary>What every transfer promises, whatever way it takes.</summary>
public sealed class TransferSpecs(EmulatedStore oss) : IClassFixture<EmulatedStore>, IDisposable
{
    private const int MiB = 1024 * 1024;

    private static readonly int[] Lengths =
    [
        0, 1, 65_535, 65_536, 65_537, MiB - 1, MiB, MiB + 1, (2 * MiB) - 1, 2 * MiB, (2 * MiB) + 1, (3 * MiB) - 1, 3 * MiB, (3 * MiB) + 1,
        (5 * MiB) + 77,
    ];

    private readonly TransferBench _bench = new(oss);

    public static TheoryData<string> Names => ["auto", "stream", "temp", "parts"];

    public void Dispose() => _bench.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_length_arrives_whole(string transfer)
    {
        foreach (var length in Lengths)
        {
            foreach (var store in new[] { oss.Store, _bench.Disk })
            {
                var key = oss.NewKey();

                var stored = await _bench.SendAsync(transfer, store, key, length);

                stored.Key.Should().Be(key);
                stored.Length.Should().Be(length);
                stored.ContentType.Should().Be("image/png");
                await EmulatedStore.ShouldHoldAsync(store.Store, key, length);
            }
        }

        await _bench.NothingShouldRemainAsync();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_body_that_fails_comes_out_unchanged_and_leaves_nothing(string transfer)
    {
        foreach (var before in new[] { 0, 10, 65_536, MiB, MiB + 10, (2 * MiB) + 500_000, 5 * MiB })
        {
            foreach (var store in new[] { oss.Store, _bench.Disk })
            {
                var key = oss.NewKey();
                var thrown = new IOException($"gone after {before}");
                await using var body = new ScriptedBody(before, _ => Task.FromException(thrown), 100_000);
                var shipment = new Shipment(store, key, TransferBench.Content(body));

                var send = () => _bench.SendAsync(transfer, shipment);

                (await send.Should().ThrowAsync<IOException>()).Which.Should().BeSameAs(thrown);
                shipment.PartsLeft.Should().NotBe(true);
                (await store.Store.HeadAsync(key, _bench.Deadline)).Should().BeNull();
            }
        }

        await _bench.NothingShouldRemainAsync();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_transfer_that_is_cancelled_leaves_nothing(string transfer)
    {
        foreach (var before in new[] { 0, 100_000, (2 * MiB) + 500_000 })
        {
            var key = oss.NewKey();
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(_bench.Deadline);
            await using var body = new ScriptedBody(before, async token =>
            {
                await cancellation.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
            }, 100_000);

            var send = () => _bench.All[transfer].SendAsync(new Shipment(oss.Store, key, TransferBench.Content(body)), cancellation.Token);

            await send.Should().ThrowAsync<OperationCanceledException>();
            _bench.Deadline.IsCancellationRequested.Should().BeFalse();
            (await oss.Store.Store.HeadAsync(key, _bench.Deadline)).Should().BeNull();
        }

        await _bench.NothingShouldRemainAsync();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_taken_key_is_refused_and_keeps_its_object(string transfer)
    {
        foreach (var length in new[] { 100, (3 * MiB) + 1 })
        {
            var key = oss.NewKey();
            await _bench.SendAsync("stream", oss.Store, key, 3);

            var send = () => _bench.SendAsync(transfer, oss.Store, key, length);

            (await send.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.ObjectExists);
            await EmulatedStore.ShouldHoldAsync(oss.Store.Store, key, 3);
        }

        await _bench.NothingShouldRemainAsync();
    }

    [Fact]
    public async Task Auto_sends_what_fits_at_once_streams_what_is_surely_short_and_cuts_the_rest()
    {
        var whole = oss.NewKey();
        await _bench.SendAsync("auto", oss.Store, whole, MiB);
        var single = oss.Requests(OssOperation.PutObject, whole).Should().ContainSingle().Which;
        single.Headers["content-length"].Should().Be("1048576");

        var announced = oss.NewKey();
        await _bench.SendAsync("auto", oss.Store, announced, MiB + 1, limit: (3 * MiB) - 1);
        oss.Requests(OssOperation.PutObject, announced).Should().ContainSingle().Which.Headers.Should().NotContainKey("content-length");

        var limited = oss.NewKey();
        await using var body = new ScriptedBody(MiB + 1);
        await _bench.SendAsync("auto", new Shipment(oss.Store, limited, TransferBench.Content(body)) { MaxBytes = 2 * MiB });
        oss.Requests(OssOperation.PutObject, limited).Should().ContainSingle("the receiver lets no more pass than stays below the threshold");

        foreach (var limit in new long?[] { null, 3 * MiB })
        {
            var long1 = oss.NewKey();
            await _bench.SendAsync("auto", oss.Store, long1, MiB + 1, limit);
            oss.Requests(OssOperation.PutObject, long1).Should().BeEmpty();
            oss.Requests(OssOperation.UploadPart, long1).Select(part => part.BodyBytes).Should().BeEquivalentTo([1_048_576L, 1L]);
        }

        await _bench.NothingShouldRemainAsync();
    }

    [Fact]
    public async Task Parts_are_gathered_and_sent_with_their_lengths_as_many_at_a_time_as_the_share_has_room_for()
    {
        var key = oss.NewKey();
        using var stalled = oss.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.UploadPart, KeyPattern = key.Value, Count = 2, Stall = true });

        var sending = _bench.SendAsync("parts", oss.Store, key, (5 * MiB) + 77);
        await Eventually.TrueAsync(() => Task.FromResult(stalled.Hits == 2), "two parts are under way at once");
        _bench.Budget.GatheredBytes.Should().Be(2 * MiB, "a quarter of the budget is what one upload may hold");
        stalled.Release();
        await sending;

        var parts = oss.Requests(OssOperation.UploadPart, key);
        parts.Should().HaveCount(6).And.OnlyContain(part => part.Headers.ContainsKey("content-length"));
        await EmulatedStore.ShouldHoldAsync(oss.Store.Store, key, (5 * MiB) + 77);
        await _bench.NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_part_that_fails_ends_the_others_and_its_cause_is_told_also_while_the_client_is_silent()
    {
        var key = oss.NewKey();
        using var refused = oss.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.UploadPart, KeyPattern = key.Value, Count = 1, Status = 403, Code = "AccessDenied", ConsumeBody = true });
        using var stalled = oss.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.UploadPart, KeyPattern = key.Value, First = 2, Stall = true });
        await using var body = new ScriptedBody((2 * MiB) + 10, token => Task.Delay(Timeout.Infinite, token), 100_000);
        var shipment = new Shipment(oss.Store, key, TransferBench.Content(body));

        var send = () => _bench.SendAsync("parts", shipment);

        (await send.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreAccessDenied);
        shipment.PartsLeft.Should().BeFalse();
        stalled.Dispose();
        await _bench.NothingShouldRemainAsync();
    }

    [Fact]
    public async Task What_cannot_be_aborted_is_told_and_so_is_a_beginning_that_was_not_answered()
    {
        var key = oss.NewKey();
        using (oss.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.AbortMultipartUpload, KeyPattern = key.Value, Status = 503 }))
            (await FailedAsync(key)).PartsLeft.Should().BeTrue();
        await oss.Store.Parts!.AbandonAsync(key, _bench.Deadline);

        var other = oss.NewKey();
        using (oss.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.InitiateMultipartUpload, KeyPattern = other.Value, Reset = FaultReset.BeforeReply }))
        {
            (await FailedAsync(other)).PartsLeft.Should().BeTrue();
        }

        (await oss.UnfinishedAsync()).Should().Equal(other.Value);
        await oss.Store.Parts.AbandonAsync(other, _bench.Deadline);
        await _bench.NothingShouldRemainAsync();
    }

    [Theory]
    [InlineData("auto", 5L << 40)]
    [InlineData("parts", 5L << 40)]
    [InlineData("stream", 5L << 30)]
    [InlineData("temp", 5L << 30)]
    public void Only_parts_take_more_than_one_put_can(string transfer, long most)
    {
        _bench.All[transfer].MaxBytes(oss.Store).Should().Be(most);
        _bench.All[transfer].MaxBytes(_bench.Disk).Should().Be(long.MaxValue);
    }

    private async Task<Shipment> FailedAsync(ObjectKey key)
    {
        await using var body = new ScriptedBody(MiB + 10, _ => Task.FromException(new IOException("gone")), 100_000);
        var shipment = new Shipment(oss.Store, key, TransferBench.Content(body));
        var send = () => _bench.SendAsync("parts", shipment);
        await send.Should().ThrowAsync<Exception>();
        return shipment;
    }
}
