using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;

namespace OssProxy.Core.Reconciliation;

/// <summary>
/// Has work done by one process at a time: asks for a lease, renews it at a third of its duration while the work runs, ends the work when the
/// lease is lost or in doubt, and asks again. A release at the end lets the next one begin at once.
/// </summary>
/// <param name="holder">Who this process is; another text for every process.</param>
internal sealed partial class LeaseHolder(Leases leases, string holder, TimeProvider time, ILogger<LeaseHolder> log)
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Runs until the stop. The work is to end when its tenure is over; it is begun anew with the next one.</summary>
    public async Task RunAsync(string name, Func<Tenure, Task> work, CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var askedAt = time.GetTimestamp();
                if (await AskAsync(name, stoppingToken) is { } hold)
                    await ServeAsync(hold, askedAt, work, stoppingToken);
                await Task.Delay(leases.Duration / 3, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private async Task<LeaseHold?> AskAsync(string name, CancellationToken stoppingToken)
    {
        try
        {
            return await leases.TryAcquireAsync(name, holder, stoppingToken);
        }
        catch (RecordsException failure)
        {
            LogNotAsked(failure, name);
            return null;
        }
    }

    private async Task ServeAsync(LeaseHold hold, long askedAt, Func<Tenure, Task> work, CancellationToken stoppingToken)
    {
        LogAcquired(hold.Name, hold.Fence);
        using var tenure = new Tenure(hold, leases.Duration, askedAt, time, stoppingToken);
        var renewing = RenewAsync(tenure);
        try
        {
            await work(tenure);
        }
        catch (OperationCanceledException) when (tenure.Token.IsCancellationRequested)
        {
            // The tenure is over.
        }
        catch (Exception failure)
        {
            // It must not end the server; it is begun again with the next lease.
            LogUnforeseen(failure, hold.Name);
        }

        tenure.End();
        await renewing;
        if (!stoppingToken.IsCancellationRequested)
            LogOver(hold.Name, hold.Fence);
        await ReleaseAsync(hold);
    }

    private async Task RenewAsync(Tenure tenure)
    {
        try
        {
            var wait = leases.Duration / 3;
            while (true)
            {
                await Task.Delay(wait, time, tenure.Token);
                wait = await TryRenewAsync(tenure) ? leases.Duration / 3 : leases.Duration / 12;
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }
    }

    // False when it is worth another try before the tenure ends by itself.
    private async Task<bool> TryRenewAsync(Tenure tenure)
    {
        var askedAt = time.GetTimestamp();
        try
        {
            if (await leases.RenewAsync(tenure.Hold, tenure.Token))
                tenure.Confirm(askedAt);
            else
                tenure.End();
            return true;
        }
        catch (RecordsException failure)
        {
            LogNotRenewed(failure, tenure.Hold.Name);
            return false;
        }
    }

    private async Task ReleaseAsync(LeaseHold hold)
    {
        using var deadline = new CancellationTokenSource(ReleaseTimeout, time);
        try
        {
            await leases.ReleaseAsync(hold, deadline.Token);
        }
        catch (Exception failure) when (failure is RecordsException or OperationCanceledException)
        {
            // It expires by itself.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This node has the lease {Name}, fence {Fence}")]
    private partial void LogAcquired(string name, long fence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease {Name}, fence {Fence}, is lost or could not be renewed in time: its work has been ended here")]
    private partial void LogOver(string name, long fence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease {Name} could not be asked for")]
    private partial void LogNotAsked(Exception failure, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease {Name} could not be renewed; trying again")]
    private partial void LogNotRenewed(Exception failure, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The work under the lease {Name} failed for a reason that nobody foresaw; it is begun again")]
    private partial void LogUnforeseen(Exception failure, string name);
}
