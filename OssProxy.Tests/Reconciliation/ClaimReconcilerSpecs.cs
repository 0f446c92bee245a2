using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Reconciliation;

/// <summary>What becomes of claims whose node never came back.</summary>
public abstract class ClaimReconcilerSpecs(StoreBed store) : AgreementBed(new SqliteTestDatabase(), store)
{
    private static readonly TimeSpan Old = TimeSpan.FromHours(13);

    [Fact]
    public async Task A_claim_without_an_object_is_released_and_a_young_one_is_not()
    {
        await ClaimedAsync("images/old.jpg", Old);
        await ClaimedAsync("images/young.jpg", TimeSpan.FromHours(11));

        await Claims().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await Records.TextAsync("SELECT path FROM image")).Should().Be("images/young.jpg");
        (await Records.ImagesAsync()).Should().Be(1);
    }

    [Fact]
    public async Task A_claim_with_an_object_goes_with_it_because_nobody_has_been_told()
    {
        await Store.PutAsync("images/old.jpg");
        await ClaimedAsync("images/old.jpg", Old);
        var tenure = await TenureAsync();

        await Claims().RoundAsync(WorkShare.Everything, tenure);
        await Deletions().RoundAsync(WorkShare.Everything, tenure);

        (await Store.KeysAsync()).Should().BeEmpty();
        (await Records.ImagesAsync()).Should().Be(0);
        (await Records.EntriesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_claim_with_an_object_is_finished_where_that_is_wanted()
    {
        Options.Unfinished = "finish";
        await Store.PutAsync("images/old.jpg", 1234);
        await ClaimedAsync("images/old.jpg", Old);

        await Claims().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await Records.CountAsync("SELECT count(*) FROM image WHERE state = 'stored' AND size = 1234 AND image_class_id = 0")).Should().Be(1);
        (await Store.HasAsync("images/old.jpg")).Should().BeTrue();
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("finish")]
    public async Task A_claim_of_a_key_that_is_another_rows_is_released_and_the_object_stays(string policy)
    {
        Options.Unfinished = policy;
        await StoredAsync("images/a.jpg");
        await ClaimedAsync("images/a.jpg", Old);
        var tenure = await TenureAsync();

        await Claims().RoundAsync(WorkShare.Everything, tenure);
        await Deletions().RoundAsync(WorkShare.Everything, tenure);

        (await Records.CountAsync("SELECT count(*) FROM image WHERE state = 'stored' AND deleted_at IS NULL")).Should().Be(1);
        (await Records.ImagesAsync()).Should().Be(1);
        (await Store.HasAsync("images/a.jpg")).Should().BeTrue();
    }

    [Fact]
    public async Task A_store_that_cannot_be_asked_leaves_the_claim_for_the_next_round_and_does_not_stop_the_others()
    {
        await ClaimedAsync("images/1.jpg", Old);
        await ClaimedAsync("images/2.jpg", Old);
        Store.Observed.BeforeHead = (key, _) => key.Value == "images/1.jpg" ? throw new StoreException(StoreError.StoreTimedOut, "Silence.") : Task.CompletedTask;
        var tenure = await TenureAsync();

        await Claims().RoundAsync(WorkShare.Everything, tenure);
        (await Records.TextAsync("SELECT path FROM image")).Should().Be("images/1.jpg");

        Store.Observed.BeforeHead = (_, _) => Task.CompletedTask;
        await Claims().RoundAsync(WorkShare.Everything, tenure);
        (await Records.ImagesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task An_upload_that_finishes_while_its_claim_is_looked_at_stays_whole()
    {
        await Store.PutAsync("images/a.jpg");
        var id = await ClaimedAsync("images/a.jpg", Old);
        Store.Observed.BeforeHead = (_, _) => Records.RunAsync("UPDATE image SET state = 'stored' WHERE id = @id", new { id });
        var tenure = await TenureAsync();

        await Claims().RoundAsync(WorkShare.Everything, tenure);
        await Deletions().RoundAsync(WorkShare.Everything, tenure);

        (await Records.CountAsync("SELECT count(*) FROM image WHERE deleted_at IS NULL")).Should().Be(1);
        (await Store.HasAsync("images/a.jpg")).Should().BeTrue();
    }

    [Fact]
    public async Task A_holder_whose_lease_has_gone_settles_nothing()
    {
        await Store.PutAsync("images/there.jpg");
        await ClaimedAsync("images/there.jpg", Old);
        await ClaimedAsync("images/absent.jpg", Old);
        var late = await TenureAsync();
        await Records.PassAsync(Duration);
        await TenureAsync("two");

        await Claims().RoundAsync(WorkShare.Everything, late);

        (await Records.CountAsync("SELECT count(*) FROM image WHERE state = 'pending'")).Should().Be(2);
    }
}

public sealed class DiskClaimReconcilerSpecs() : ClaimReconcilerSpecs(new DiskBed());

public sealed class EmulatorClaimReconcilerSpecs : ClaimReconcilerSpecs
{
    private readonly EmulatorBed _bed;

    public EmulatorClaimReconcilerSpecs()
        : this(new EmulatorBed())
    {
    }

    private EmulatorClaimReconcilerSpecs(EmulatorBed bed)
        : base(bed) => _bed = bed;

    [Fact]
    public async Task Parts_that_were_left_under_the_key_go_and_a_finished_row_has_the_checksum()
    {
        Options.Unfinished = "finish";
        await _bed.PutAsync("images/a.jpg");
        var key = ObjectKey.Parse("images/a.jpg");
        await _bed.Emulated.Client.Multipart.InitiateAsync(
            key, new OssObjectSettings { ContentType = "image/jpeg" }, CancellationToken.None);
        await ClaimedAsync("images/a.jpg", TimeSpan.FromHours(13));

        await Claims().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await _bed.Emulated.UnfinishedAsync()).Should().BeEmpty();
        var stored = await _bed.Real.Store.HeadAsync(key, CancellationToken.None);
        (await Records.TextAsync("SELECT crc64 FROM image")).Should().Be(stored!.Crc64!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
