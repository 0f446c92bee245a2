using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Records;

/// <summary>The duties of <see cref="IUploadRecords"/> as far as memory can keep them.</summary>
public sealed class NoRecordsSpecs
{
    private readonly NoRecords _records = new();

    [Fact]
    public async Task A_claim_is_pending_until_it_is_finished_or_released()
    {
        var first = await ClaimAsync(1);
        var second = await ClaimAsync(2);

        (await PendingAsync()).Should().Equal(
            new PendingUpload(first, "oss", Key(1)), new PendingUpload(second, "oss", Key(2)));

        await _records.FinishAsync([Finished(first)], new Filing(0, DateTimeOffset.UnixEpoch), CancellationToken.None);
        await _records.ReleaseAsync(second, CancellationToken.None);
        await _records.ReleaseAsync(second, CancellationToken.None);

        (await PendingAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Claims_are_finished_all_or_none_and_once()
    {
        var first = await ClaimAsync(1);
        var second = await ClaimAsync(2);
        await _records.ReleaseAsync(second, CancellationToken.None);

        foreach (var lost in new long[][] { [first, second], [first, first], [99] })
        {
            var finish = () => _records.FinishAsync([.. lost.Select(Finished)], new Filing(0, DateTimeOffset.UnixEpoch), CancellationToken.None);
            (await finish.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.ClaimLost);
        }

        (await PendingAsync()).Should().ContainSingle().Which.Id.Should().Be(first);
    }

    [Fact]
    public async Task An_id_is_never_given_again_and_leftovers_are_found_oldest_first_within_their_bounds()
    {
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
            ids.Add(await ClaimAsync(i));
        await _records.ReleaseAsync(ids[4], CancellationToken.None);
        ids[4] = await ClaimAsync(5);

        ids.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        (await _records.PendingAsync(ids[0], 2, CancellationToken.None)).Select(row => row.Id).Should().Equal(ids[1], ids[2]);
        (await _records.PendingAsync(ids[4] - 1, 1, CancellationToken.None)).Select(row => row.Id).Should().Equal(ids[4]);
    }

    [Fact]
    public async Task A_cancelled_claim_claims_nothing()
    {
        var claim = () => _records.ClaimAsync(NewUpload(1), new CancellationToken(canceled: true));

        await claim.Should().ThrowAsync<OperationCanceledException>();
        (await PendingAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Uploads_at_once_do_not_meet()
    {
        await Parallel.ForAsync(0, 2000, async (i, token) =>
        {
            var id = await _records.ClaimAsync(NewUpload(i), token);
            if (i % 2 == 0)
                await _records.ReleaseAsync(id, token);
            else
                await _records.FinishAsync([Finished(id)], new Filing(0, DateTimeOffset.UnixEpoch), token);
        });

        (await PendingAsync()).Should().BeEmpty();
        (await ClaimAsync(0)).Should().Be(2001);
    }

    [Fact]
    public async Task Todays_count_stays_when_an_upload_of_yesterday_ends_after_midnight()
    {
        var today = new DailyUsage("user-7", 0, 20260105, MaxFiles: 1, MaxBytes: null);
        var yesterday = today with { Day = 20260104 };

        (await TryFinishAsync(yesterday)).Should().BeTrue();
        (await TryFinishAsync(today)).Should().BeTrue();
        (await TryFinishAsync(yesterday)).Should().BeFalse();
        (await TryFinishAsync(today)).Should().BeFalse();
        (await TryFinishAsync(today with { Day = 20260106 })).Should().BeTrue();
        (await TryFinishAsync(today)).Should().BeFalse();
        (await TryFinishAsync(yesterday)).Should().BeTrue("what is over is forgotten");
    }

    private async Task<bool> TryFinishAsync(DailyUsage usage)
    {
        try
        {
            var filing = new Filing(0, DateTimeOffset.UnixEpoch) { Usage = usage };
            await _records.FinishAsync([Finished(await ClaimAsync(1))], filing, CancellationToken.None);
            return true;
        }
        catch (RecordsException refusal) when (refusal.Error == RecordsError.DailyLimitReached)
        {
            return false;
        }
    }

    private static ObjectKey Key(int number) => ObjectKey.Parse($"images/{number}.jpg");

    private static NewUpload NewUpload(int number) => new("oss", Key(number), "", "image/jpeg", null);

    private static FinishedUpload Finished(long id) => new(id, 1, null);

    private Task<long> ClaimAsync(int number) => _records.ClaimAsync(NewUpload(number), CancellationToken.None);

    private Task<IReadOnlyList<PendingUpload>> PendingAsync() => _records.PendingAsync(0, 100, CancellationToken.None);
}
