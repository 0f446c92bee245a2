using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

/// <summary>What the settlement does with what an earlier process left, when some of it resists.</summary>
public sealed class UploadSettlementSpecs
{
    private readonly Clock _clock = new();
    private readonly ScriptedRecords _records = new();
    private readonly DeletingStore _store = new();
    private readonly LevelLog _log = new();

    [Fact]
    public async Task A_store_that_hangs_on_some_objects_does_not_keep_the_others_waiting()
    {
        _store.OnDelete = (key, token) =>
            key.Value.StartsWith("stuck", StringComparison.Ordinal) ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        await LeaveAsync("stuck1", "stuck2", "stuck3", "free1", "free2");
        using var settlement = Settlement();

        await settlement.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(_records.Pending == 3), "only those that hang are left");
        await settlement.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_failure_that_nobody_foresaw_is_logged_as_an_error_and_tried_again()
    {
        var failures = 1;
        _store.OnDelete = (key, _) => key.Value == "odd" && Interlocked.Decrement(ref failures) >= 0
            ? throw new InvalidOperationException("odd") : Task.CompletedTask;
        await LeaveAsync("odd", "plain");
        using var settlement = Settlement();

        await settlement.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(_records.Pending == 1 && _log.Errors == 1), "the plain one is settled, the odd one told");

        await _clock.AdvanceUntilAsync(() => _records.Pending == 0, TimeSpan.FromSeconds(1), "the odd one is settled too");
        _log.Errors.Should().Be(1);
        await settlement.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_row_whose_path_is_no_key_is_passed_over_and_told()
    {
        await LeaveAsync("damaged", "plain");
        _records.Damaged.Add(1);
        using var settlement = Settlement();

        await settlement.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(_records.Pending == 1), "the plain one is settled");
        _log.Errors.Should().Be(1);
        await settlement.StopAsync(CancellationToken.None);
        _records.Rows.Keys.Should().Equal(1);
    }

    [Fact]
    public async Task What_finds_no_room_is_settled_after_the_next_start()
    {
        await LeaveAsync([.. Enumerable.Range(0, UploadSettlement.QueueLimit + 3).Select(number => $"left{number}")]);

        using (var settlement = Settlement())
        {
            await settlement.StartAsync(CancellationToken.None);
            await Eventually.TrueAsync(() => Task.FromResult(_records.Pending <= 3), "as many as there was room for are settled");
            await settlement.StopAsync(CancellationToken.None);
        }

        _records.Pending.Should().Be(3);
        using var next = Settlement();
        await next.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(_records.Pending == 0), "the rest is settled");
        await next.StopAsync(CancellationToken.None);
    }

    private UploadSettlement Settlement()
    {
        var named = new NamedStore("oss", _store, new ObjectLinks("https://img.example.com"));

        // No pause before the second deletion: UploadPipelineSpecs has the pause.
        return new UploadSettlement(_records, new ObjectStores(named, named), recheckDelay: TimeSpan.Zero, _clock, _log);
    }

    private async Task LeaveAsync(params string[] keys)
    {
        foreach (var key in keys)
            await _records.ClaimAsync(new NewUpload("oss", ObjectKey.Parse(key), "", "", null), CancellationToken.None);
    }

    private sealed class DeletingStore : IObjectStore
    {
        public Func<ObjectKey, CancellationToken, Task> OnDelete { get; set; } = (_, _) => Task.CompletedTask;

        public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => OnDelete(key, cancellationToken);

        public Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    private sealed class LevelLog : ILogger<UploadSettlement>
    {
        private int _errors;

        public int Errors => _errors;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Error)
                Interlocked.Increment(ref _errors);
        }
    }
}
