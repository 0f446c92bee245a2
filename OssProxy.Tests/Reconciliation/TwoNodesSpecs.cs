using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Reconciliation;
using OssProxy.Core.Records;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Reconciliation;

/// <summary>Two nodes at once, on one database and one store.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TwoNodesSpecs(PostgresServer server) : AgreementBed(new PostgresTestDatabase(server), new EmulatorBed())
{
    private static readonly TimeSpan Old = TimeSpan.FromHours(13);

    [Fact]
    public async Task Nodes_whose_clocks_are_hours_apart_share_the_work_and_do_nothing_twice()
    {
        Options.PollInterval = TimeSpan.FromMilliseconds(100);
        for (var number = 0; number < 20; number++)
            await Records.DeleteAsync(await StoredAsync($"images/deleted-{number}.jpg"));
        await Records.DeleteAsync(await StoredAsync("images/later.jpg"), dueIn: TimeSpan.FromHours(1));
        for (var number = 0; number < 5; number++)
        {
            await Store.PutAsync($"images/unfinished-{number}.jpg");
            await ClaimedAsync($"images/unfinished-{number}.jpg", Old);
            await ClaimedAsync($"images/never-sent-{number}.jpg", Old);
        }

        await Store.PutAsync("images/under-way.jpg");
        await ClaimedAsync("images/under-way.jpg", TimeSpan.FromHours(1));
        using var behind = Node("node-a", TimeSpan.FromHours(-20));
        using var ahead = Node("node-b", TimeSpan.FromHours(20));

        await Task.WhenAll(behind.StartAsync(CancellationToken.None), ahead.StartAsync(CancellationToken.None));
        await Eventually.TrueAsync(async () => await Records.ImagesAsync() == 2, "all that is due has gone");
        await Task.WhenAll(behind.StopAsync(CancellationToken.None), ahead.StopAsync(CancellationToken.None));

        (await Store.KeysAsync()).Should().Equal("images/later.jpg", "images/under-way.jpg");
        (await Records.EntriesAsync()).Should().Be(1);
        Store.Observed.Deletions.Should().HaveCount(25).And.OnlyContain(deletion => deletion.Value == 1);
        Log.Errors.Should().Be(0);
    }

    [Theory]
    [InlineData(-20)]
    [InlineData(20)]
    public async Task A_node_whose_clock_is_wrong_shortens_nothing_that_can_be_restored(int hours)
    {
        var id = await StoredAsync("images/a.jpg");
        var retentions = new Retentions(TimeSpan.FromHours(10), new Dictionary<long, TimeSpan>());
        var time = new SkewedTime(TimeSpan.FromHours(hours));
        await new ImageLibrary(Records.Open(time), time).DeleteAsync([id], retentions, Records.Deadline);

        await Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await Store.KeysAsync()).Should().Equal("images/a.jpg");
        (await Records.CountAsync("SELECT due_at - @Now FROM object_deletion", new { Now = await Records.NowAsync() }))
            .Should().BeInRange(9 * 3_600_000, 10 * 3_600_000);
    }

    private AgreementKeeper Node(string name, TimeSpan skew)
    {
        var time = new SkewedTime(skew);
        var database = Records.Open(time);
        return new AgreementKeeper(
            new LeaseHolder(new Leases(database, Duration, time), name, time, NullLogger<LeaseHolder>.Instance),
            Lane.Of(name),
            new DeletionWorker(new DeletionQueue(database, time), Store.Stores(), Options, time, Log.For<DeletionWorker>()),
            new ClaimReconciler(new StaleClaims(database, time), Store.Stores(), Options, time, Log.For<ClaimReconciler>()));
    }

    private sealed class SkewedTime(TimeSpan skew) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + skew;
    }
}
