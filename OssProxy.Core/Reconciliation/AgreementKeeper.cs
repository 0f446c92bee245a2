using Microsoft.Extensions.Hosting;
using OssProxy.Core.Records;

namespace OssProxy.Core.Reconciliation;

/// <summary>A lease and what its holder sees to.</summary>
internal sealed record Lane(string Lease, WorkShare Share)
{
    /// <summary>For one process that has the database to itself.</summary>
    public static IReadOnlyList<Lane> Alone { get; } = [new("agreement", WorkShare.Everything)];

    /// <summary>For one node of several: what all can reach is one node's work, what lies on a disk that of the node which has it.</summary>
    public static IReadOnlyList<Lane> Of(string node) =>
        [new("agreement", WorkShare.SharedStores), new("agreement:local:" + node, WorkShare.DiskOf(node))];
}

/// <summary>Keeps rows and objects in agreement in the background: deletions and claims that were left behind, lane by lane, each under its
/// lease. Costs one small query every <see cref="ReconciliationOptions.PollInterval"/> where nothing is to be done.</summary>
internal sealed class AgreementKeeper(LeaseHolder leases, IReadOnlyList<Lane> lanes, DeletionWorker deletions, ClaimReconciler claims)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(lanes.Select(lane => leases.RunAsync(lane.Lease, tenure => WorkAsync(lane.Share, tenure), stoppingToken)));

    // Whichever fails ends the other, so that both begin anew.
    private async Task WorkAsync(WorkShare share, Tenure tenure)
    {
        var works = new[] { deletions.RunAsync(share, tenure), claims.RunAsync(share, tenure) };
        await Task.WhenAny(works);
        tenure.End();
        await Task.WhenAll(works);
    }
}
