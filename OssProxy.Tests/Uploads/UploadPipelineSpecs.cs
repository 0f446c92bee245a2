using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Transfers;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

/// <summary>What remains of an upload after failures that no real store or database gives on demand.</summary>
public sealed class UploadPipelineSpecs : IAsyncLifetime
{
    private static readonly TimeSpan RecheckDelay = TimeSpan.FromMinutes(1);

    private readonly Clock _clock = new();
    private readonly ScriptedStore _store = new();
    private readonly ScriptedRecords _records = new();
    private readonly NamedStore _named;
    private readonly UploadSettlement _settlement;
    private readonly UploadPipeline _pipeline;
    private int _keys;

    public UploadPipelineSpecs()
    {
        _named = new NamedStore("oss", _store, new ObjectLinks("https://img.example.com"));
        _settlement = new UploadSettlement(
            _records, new ObjectStores(_named, _named), RecheckDelay, _clock, NullLogger<UploadSettlement>.Instance);
        _pipeline = new UploadPipeline(
            _records, _settlement, ScriptedRenderer.Never(new ObjectStores(_named, _named)), new UndoDeadline(TimeSpan.FromSeconds(5), _clock), _clock, NullLogger<UploadPipeline>.Instance);
    }

    private PolicyOf Policy => (classId, _) => Task.FromResult(new UploadPolicy
    {
        NamedClassId = classId,
        ClassId = classId,
        MaxFileBytes = 1000,
        MaxFiles = 3,
        Types = FileTypeCatalog.All.ToHashSet(),
        Store = _named,
        Transfer = new StreamTransfer(),
        Folder = UploadFolder.ParsePrefix("images"),
        Name = (folder, extension) => ObjectKey.Parse($"{folder}/{++_keys}{extension}"),
    });

    public Task InitializeAsync() => _settlement.StartAsync(CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _settlement.StopAsync(CancellationToken.None);
        _settlement.Dispose();
    }

    [Fact]
    public async Task Every_file_of_a_form_is_finished_together_under_the_class_that_stood_last_in_it()
    {
        var receipts = await _pipeline.RunAsync(new ReadyForm(27, Text("one"), Text("two")), Policy, CancellationToken.None);

        receipts.Select(receipt => receipt.Url).Should().Equal("https://img.example.com/images/1.txt", "https://img.example.com/images/2.txt");
        receipts.Should().AllSatisfy(receipt => receipt.ClassId.Should().Be(27));
        _records.Rows.Values.Should().AllSatisfy(row => row.Stored.Should().BeTrue());
        _store.Objects.Keys.Should().Equal("images/1.txt", "images/2.txt");
    }

    [Fact]
    public async Task No_byte_leaves_before_the_row_is_claimed()
    {
        _records.ClaimFailure = new RecordsException(RecordsError.RecordsUnavailable, "down");

        await FailsAsync<RecordsException>();

        _store.Objects.Should().BeEmpty();
        _store.Deleted.Should().BeEmpty();
    }

    [Fact]
    public async Task An_object_that_was_there_before_is_somebody_elses_and_stays()
    {
        _store.Objects.Add("images/1.txt", [1]);
        _store.OnPut = (_, _) => throw new StoreException(StoreError.ObjectExists, "taken");

        await FailsAsync<StoreException>();

        _store.Objects.Should().ContainKey("images/1.txt");
        _store.Deleted.Should().BeEmpty();
        _records.Rows.Should().BeEmpty();
    }

    [Theory]
    [InlineData(StoreError.StoreAccessDenied)]
    [InlineData(StoreError.StoreMisconfigured)]
    [InlineData(StoreError.StoreFull)]
    public async Task A_store_that_refused_is_not_asked_to_delete_what_it_never_took(StoreError error)
    {
        _store.OnPut = (_, _) => throw new StoreException(error, "no");

        await FailsAsync<StoreException>();

        _store.Deleted.Should().BeEmpty();
        _records.Rows.Should().BeEmpty();
    }

    [Fact]
    public async Task A_store_that_could_not_be_reached_has_nothing_to_be_deleted()
    {
        _store.OnPut = (_, _) => throw new StoreException(StoreError.StoreUnreachable, "refused") { MayBeStored = false };

        await FailsAsync<StoreException>();

        _store.Deleted.Should().BeEmpty();
        _records.Rows.Should().BeEmpty();
    }

    [Fact]
    public async Task A_store_that_gave_no_answer_is_asked_to_delete_at_once_and_again_later_and_the_row_stays_until_then()
    {
        _store.OnPut = (_, _) => throw new StoreException(StoreError.StoreTimedOut, "silence");

        await FailsAsync<StoreException>();

        await Eventually.TrueAsync(() => Task.FromResult(Deletions == 1), "the first deletion");
        _records.Pending.Should().Be(1);

        // The store completes the object after all.
        _store.Objects.Add("images/1.txt", [1]);

        await PassesUntilAsync(() => _records.Pending == 0, "the row is released");
        _store.Objects.Should().BeEmpty();
        Deletions.Should().Be(2);
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_keeps_both_row_and_object()
    {
        _records.FinishFailure = new RecordsException(RecordsError.RecordsUnavailable, "lost");
        _records.FinishCommits = true;
        var atStart = _records.Lookups;

        await FailsAsync<RecordsException>();
        await PassesUntilAsync(() => _records.Lookups > atStart, "the settlement looks at the row");
        await Eventually.TrueAsync(() => Task.FromResult(_clock.Armed == 0), "and has nothing more to do");

        _records.Rows.Values.Should().ContainSingle().Which.Stored.Should().BeTrue();
        _store.Objects.Should().ContainKey("images/1.txt");
    }

    [Fact]
    public async Task A_commit_that_failed_leaves_neither_row_nor_object()
    {
        _records.FinishFailure = new RecordsException(RecordsError.RecordsUnavailable, "down");

        await FailsAsync<RecordsException>();
        _store.Objects.Should().ContainKey("images/1.txt", "the commit may still be under way");

        await PassesUntilAsync(() => _records.Pending == 0, "the row is released");
        _store.Objects.Should().BeEmpty();
    }

    [Fact]
    public async Task An_object_whose_row_has_gone_before_the_finish_goes_too()
    {
        _store.OnPut = (_, _) => _records.Rows.Clear();
        _records.FinishFailure = new RecordsException(RecordsError.ClaimLost, "gone");

        await FailsAsync<RecordsException>();

        _store.Objects.Should().BeEmpty("nothing else remembers it");
    }

    [Fact]
    public async Task An_object_whose_row_has_gone_goes_later_when_it_cannot_go_at_once()
    {
        _store.OnPut = (_, _) => _records.Rows.Clear();
        _records.FinishFailure = new RecordsException(RecordsError.ClaimLost, "gone");
        _store.DeleteFailure = new StoreException(StoreError.StoreUnreachable, "down");
        await FailsAsync<RecordsException>();
        await Eventually.TrueAsync(() => Task.FromResult(_store.FailedDeletions >= 2), "the settlement has tried");

        _store.DeleteFailure = null;
        await PassesUntilAsync(() => Deletions == 1, "the object is deleted");

        _store.Objects.Should().BeEmpty();
    }

    [Fact]
    public async Task What_cannot_be_undone_now_is_undone_when_the_store_is_back()
    {
        _store.DeleteFailure = new StoreException(StoreError.StoreUnreachable, "down");

        // The second file is empty, so the first has to be undone.
        var running = () => _pipeline.RunAsync(new ReadyForm(0, Text("one"), Text("")), Policy, CancellationToken.None);
        await running.Should().ThrowAsync<UploadException>().Where(failure => failure.Error == UploadError.FileEmpty);
        _records.Pending.Should().Be(1);

        await Eventually.TrueAsync(() => Task.FromResult(_store.FailedDeletions == 2), "the settlement has tried too");
        _store.DeleteFailure = null;

        await PassesUntilAsync(() => _records.Pending == 0, "the row is released");
        _store.Objects.Should().BeEmpty();
    }

    [Fact]
    public async Task What_an_earlier_process_left_is_settled_at_start_and_what_it_finished_stays()
    {
        var left = await _records.ClaimAsync(new NewUpload("oss", ObjectKey.Parse("images/left.jpg"), "", "", null), CancellationToken.None);
        var done = await _records.ClaimAsync(new NewUpload("oss", ObjectKey.Parse("images/done.jpg"), "", "", null), CancellationToken.None);
        await _records.FinishAsync([new FinishedUpload(done, 1, null)], new Filing(0, _clock.GetUtcNow()), CancellationToken.None);
        _store.Objects.Add("images/left.jpg", [1]);
        _store.Objects.Add("images/done.jpg", [1]);

        using var next = new UploadSettlement(
            _records, new ObjectStores(_named, _named), RecheckDelay, _clock, NullLogger<UploadSettlement>.Instance);
        await next.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(Deletions == 1 && _records.Pending == 0), "object and row are gone at once");

        // The store had all of it when the process died, and completes it only now.
        _store.Objects.Add("images/left.jpg", [1]);
        await PassesUntilAsync(() => Deletions == 2, "the key is deleted once more");
        await next.StopAsync(CancellationToken.None);
        _records.Rows.Keys.Should().Equal(done).And.NotContain(left);
        _store.Objects.Keys.Should().Equal("images/done.jpg");
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 0)]
    public async Task A_class_that_was_closed_while_an_upload_was_under_way_or_waited_to_begin_is_asked_again(int waited, int took)
    {
        var asked = 0;
        PolicyOf closing = (classId, token) => ++asked == 1
            ? Policy(classId, token)
            : throw new UploadException(UploadError.ClassClosed, "closed meanwhile");
        _store.OnPut = (_, _) => _clock.Advance(TimeSpan.FromSeconds(took));
        var form = new ReadyForm(27, Text("one")) { LetInAt = _clock.GetTimestamp() };
        _clock.Advance(TimeSpan.FromSeconds(waited));

        var running = () => _pipeline.RunAsync(form, closing, CancellationToken.None);

        (await running.Should().ThrowAsync<UploadException>()).Which.Error.Should().Be(UploadError.ClassClosed);
        _store.Objects.Should().BeEmpty();
        _records.Rows.Should().BeEmpty();
    }

    [Fact]
    public async Task A_class_that_goes_in_the_last_moment_is_asked_for_once_more()
    {
        var asked = 0;
        PolicyOf going = async (classId, token) =>
        {
            var policy = await Policy(classId, token);
            return ++asked == 1 ? policy : policy with { ClassId = 0 };
        };
        _records.GoneClass = 27;

        var receipts = await _pipeline.RunAsync(new ReadyForm(27, Text("one")) { LetInAt = _clock.GetTimestamp() }, going, CancellationToken.None);

        receipts.Should().ContainSingle().Which.ClassId.Should().Be(27, "a client is told what it has named");
        _records.Rows.Values.Should().ContainSingle().Which.Stored.Should().BeTrue();
        _store.Deleted.Should().BeEmpty();
    }

    private int Deletions
    {
        get
        {
            lock (_store.Deleted)
                return _store.Deleted.Count;
        }
    }

    private static IncomingFile Text(string content)
    {
        OriginalName.TryParse("note.txt", out var name).Should().BeTrue();
        return new IncomingFile(name, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content)));
    }

    private async Task FailsAsync<TException>()
        where TException : Exception
    {
        var running = () => _pipeline.RunAsync(new ReadyForm(0, Text("one")), Policy, CancellationToken.None);
        await running.Should().ThrowAsync<TException>();
    }

    private Task PassesUntilAsync(Func<bool> condition, string what) => _clock.AdvanceUntilAsync(condition, RecheckDelay, what);
}
