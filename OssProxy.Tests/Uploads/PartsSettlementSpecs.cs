using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;
using OssProxy.Core.Uploads;
using OssProxy.Emulator;
using OssProxy.Tests.Oss;
using ScriptedBody = OssProxy.Tests.Storage.ScriptedBody;

namespace OssProxy.Tests.Uploads;

/// <summary>What was sent in parts and could not be taken back at once is taken back later.</summary>
public sealed class PartsSettlementSpecs : IClassFixture<EmulatedStore>, IAsyncLifetime
{
    private readonly Clock _clock = new();
    private readonly ScriptedRecords _records = new();
    private readonly WarningLog _warnings = new();
    private readonly EmulatedStore _oss;
    private readonly ObjectKey _key;
    private readonly UploadSettlement _settlement;
    private readonly UploadPipeline _pipeline;

    public PartsSettlementSpecs(EmulatedStore oss)
    {
        _oss = oss;
        _key = oss.NewKey();
        _settlement = new UploadSettlement(
            _records, new ObjectStores(oss.Store, oss.Store), TimeSpan.FromMinutes(1), _clock, _warnings);
        _pipeline = new UploadPipeline(
            _records, _settlement, ScriptedRenderer.Never(new ObjectStores(oss.Store, oss.Store)), new UndoDeadline(TimeSpan.FromSeconds(5), _clock), _clock, NullLogger<UploadPipeline>.Instance);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _settlement.StopAsync(CancellationToken.None);
        _settlement.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Parts_that_could_not_be_aborted_are_abandoned_later_and_an_object_of_somebody_elses_stays(bool taken)
    {
        await _settlement.StartAsync(CancellationToken.None);
        using var deaf = _oss.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.AbortMultipartUpload, KeyPattern = _key.Value, Status = 503 });
        await using var body = new ScriptedBody(3_000_000, async _ =>
        {
            if (taken)
            {
                await using var other = new ScriptedBody(5);
                await _oss.Store.Store.PutAsync(_key, new ObjectContent { Body = other, ContentType = "text/plain" }, CancellationToken.None);
            }

            throw new UploadException(UploadError.ClientClosed, "gone");
        }, 100_000);

        var running = () => _pipeline.RunAsync(new ReadyForm(0, new IncomingFile(null, Picture(body))), Policy, CancellationToken.None);
        await running.Should().ThrowAsync<UploadException>();

        (await _oss.UnfinishedAsync()).Should().Equal(_key.Value);
        _records.Pending.Should().Be(1, "the row remembers the parts");
        deaf.Dispose();
        await _clock.AdvanceUntilAsync(() => _records.Pending == 0, TimeSpan.FromMinutes(1), "the row is released");
        (await _oss.UnfinishedAsync()).Should().BeEmpty();
        (await _oss.Store.Store.HeadAsync(_key, CancellationToken.None) is not null).Should().Be(taken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_killed_process_had_sent_in_parts_is_abandoned_at_start_if_the_store_lets_us(bool allowed)
    {
        await _records.ClaimAsync(new NewUpload("oss", _key, "", "", null), CancellationToken.None);
        var upload = await _oss.Store.Parts!.BeginAsync(
            _key, new ObjectContent { Body = Stream.Null, ContentType = "text/plain" }, CancellationToken.None);
        await using var part = new ScriptedBody(10);
        await upload.PutPartAsync(1, part, 10, CancellationToken.None);
        using var rights = allowed ? null : _oss.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.ListMultipartUploads, Status = 403, Code = "AccessDenied" });

        await _settlement.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(_records.Pending == 0), "the row goes, whatever may be done about the parts");

        rights?.Dispose();
        (await _oss.UnfinishedAsync()).Should().HaveCount(allowed ? 0 : 1);
        await upload.DisposeAsync();
    }

    [Theory]
    [InlineData(400, "InvalidArgument", FaultBody.Xml)]
    [InlineData(400, null, FaultBody.Html)]
    [InlineData(404, null, FaultBody.None)]
    [InlineData(405, "MethodNotAllowed", FaultBody.Xml)]
    [InlineData(501, "NotImplemented", FaultBody.Xml)]
    [InlineData(501, null, FaultBody.None)]
    public async Task A_store_that_cannot_look_for_parts_deletes_objects_all_the_same_and_is_complained_of_once(
        int status, string? code, FaultBody body)
    {
        ObjectKey[] keys = [_key, _oss.NewKey(), _oss.NewKey()];
        foreach (var key in keys)
        {
            await _records.ClaimAsync(new NewUpload("oss", key, "", "", null), CancellationToken.None);
            await using var content = new ScriptedBody(5);
            await _oss.Store.Store.PutAsync(key, new ObjectContent { Body = content, ContentType = "text/plain" }, CancellationToken.None);
        }

        using var deaf = _oss.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.ListMultipartUploads, Status = status, Code = code, Body = body });

        await _settlement.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(_records.Pending == 0), "the rows go");

        foreach (var key in keys)
            (await _oss.Store.Store.HeadAsync(key, CancellationToken.None)).Should().BeNull();
        _warnings.Lines.Where(line => line.Contains("unfinished uploads", StringComparison.Ordinal)).Should().ContainSingle()
            .Which.Should().Contain("ListMultipartUploads");
    }

    [Theory]
    [InlineData(500, "InternalError")]
    [InlineData(503, "SlowDown")]
    [InlineData(429, null)]
    public async Task A_store_that_fails_to_look_for_parts_for_a_moment_is_asked_again_before_the_row_goes(int status, string? code)
    {
        await _records.ClaimAsync(new NewUpload("oss", _key, "", "", null), CancellationToken.None);
        var upload = await _oss.Store.Parts!.BeginAsync(
            _key, new ObjectContent { Body = Stream.Null, ContentType = "text/plain" }, CancellationToken.None);
        using var failing = _oss.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.ListMultipartUploads, Status = status, Code = code, Count = 3 });

        await _settlement.StartAsync(CancellationToken.None);
        await _clock.AdvanceUntilAsync(() => _records.Pending == 0, TimeSpan.FromSeconds(1), "the row goes when the store has answered");

        failing.Hits.Should().Be(3);
        (await _oss.UnfinishedAsync()).Should().BeEmpty();
        await upload.DisposeAsync();
    }

    [Fact]
    public async Task A_part_that_the_store_failed_to_take_leaves_nothing_to_be_settled()
    {
        await _settlement.StartAsync(CancellationToken.None);
        using var down = _oss.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.UploadPart, KeyPattern = _key.Value, Reset = FaultReset.BeforeReply });
        await using var body = new ScriptedBody(1_048_576 + 10, piece: 100_000);

        var running = () => _pipeline.RunAsync(new ReadyForm(0, new IncomingFile(null, Picture(body))), Policy, CancellationToken.None);

        await running.Should().ThrowAsync<StoreException>();
        _records.Rows.Should().BeEmpty();
        (await _oss.UnfinishedAsync()).Should().BeEmpty();
        _oss.Requests(OssOperation.DeleteObject, _key).Should().BeEmpty("no part was ever joined to an object");
    }

    // A picture by its first bytes, whatever comes behind them.
    private static PrefixedStream Picture(Stream rest) => new(Convert.FromHexString("89504E470D0A1A0A0000000D494844520000000100000001080600000000"), rest);

    private PolicyOf Policy => (_, _) => Task.FromResult(new UploadPolicy
    {
        MaxFileBytes = 100_000_000,
        MaxFiles = 1,
        Types = FileTypeCatalog.All.ToHashSet(),
        Store = _oss.Store,
        Transfer = new PartsTransfer(new BufferBudget(BufferBudget.MinBytes), new PartLimits { PartBytes = 1024 * 1024 }),
        Folder = UploadFolder.Root,
        Name = (_, _) => _key,
    });

    private sealed class WarningLog : ILogger<UploadSettlement>
    {
        private readonly ConcurrentQueue<string> _lines = new();

        /// <summary>Lines at level Warning and above.</summary>
        public IReadOnlyList<string> Lines => [.. _lines];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
                _lines.Enqueue(formatter(state, exception));
        }
    }
}
