using Microsoft.Extensions.Logging;
using OssProxy.Core.Reconciliation;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Reconciliation;

/// <summary>One database, one store, and the workers of the nodes that share them.</summary>
public abstract class AgreementBed(TestDatabase records, StoreBed store) : IAsyncLifetime
{
    internal static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private readonly List<Tenure> _tenures = [];

    protected TestDatabase Records => records;

    protected StoreBed Store => store;

    protected ReconciliationOptions Options { get; } = new() { DeletionAttempts = 3 };

    private protected ErrorLog Log { get; } = new();

    public async Task InitializeAsync()
    {
        await records.StartAsync();
        await store.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _tenures.ForEach(tenure => tenure.Dispose());
        await records.DisposeAsync();
        await store.DisposeAsync();
    }

    /// <summary>Takes the lease, as the next node would.</summary>
    private protected async Task<Tenure> TenureAsync(string holder = "one")
    {
        var hold = await new Leases(records.Database, Duration, records.Clock).TryAcquireAsync("work", holder, records.Deadline);
        hold.Should().NotBeNull("the lease is free");
        var tenure = new Tenure(hold!, Duration, records.Clock.GetTimestamp(), records.Clock, CancellationToken.None);
        _tenures.Add(tenure);
        return tenure;
    }

    private protected DeletionWorker Deletions(Core.Storage.ObjectStores? stores = null) => new(
        new DeletionQueue(records.Database, records.Clock), stores ?? store.Stores(), Options, records.Clock, Log.For<DeletionWorker>());

    private protected ClaimReconciler Claims() => new(
        new StaleClaims(records.Database, records.Clock), store.Stores(), Options, records.Clock, Log.For<ClaimReconciler>());

    /// <summary>A stored image with its object.</summary>
    protected async Task<long> StoredAsync(string path, int length = 5)
    {
        await store.PutAsync(path, length);
        return await records.ImageAsync(path, store: store.Real.Name, size: length);
    }

    /// <summary>A claim that nobody has ended for this long.</summary>
    protected async Task<long> ClaimedAsync(string path, TimeSpan age)
    {
        var id = await records.ImageAsync(path, "pending", store.Real.Name, size: null, age: age);
        if (records is PostgresTestDatabase)
            await records.RunAsync("UPDATE image SET claimed_at = create_time WHERE id = @id", new { id });
        return id;
    }

    private protected sealed class ErrorLog
    {
        private int _errors;

        public int Errors => _errors;

        public ILogger<T> For<T>() => new Writer<T>(this);

        private sealed class Writer<T>(ErrorLog log) : ILogger<T>
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (logLevel == LogLevel.Error)
                    Interlocked.Increment(ref log._errors);
            }
        }
    }
}
