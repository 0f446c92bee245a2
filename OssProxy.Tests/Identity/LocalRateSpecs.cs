using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

/// <summary>Counts and places that one process keeps to itself.</summary>
public sealed class LocalRateSpecs
{
    private readonly Clock _clock = new();

    [Fact]
    public async Task A_minute_that_is_used_up_ends_when_it_says()
    {
        var counts = new LocalRequestCounts(_clock);
        _clock.Advance(TimeSpan.FromSeconds(40));
        (await CountAsync(counts, most: 2)).Should().BeNull();
        (await CountAsync(counts, most: 2)).Should().BeNull();

        (await CountAsync(counts, most: 2)).Should().Be(TimeSpan.FromSeconds(20));

        (await CountAsync(counts, most: 2, "other")).Should().BeNull();
        _clock.Advance(TimeSpan.FromSeconds(19));
        (await CountAsync(counts, most: 2)).Should().Be(TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await CountAsync(counts, most: 2)).Should().BeNull();
    }

    [Fact]
    public async Task Of_many_at_once_as_many_are_within_the_limit_as_it_says()
    {
        var counts = new LocalRequestCounts(_clock);
        var within = 0;

        await Parallel.ForAsync(0, 10_000, async (_, _) =>
        {
            if (await CountAsync(counts, most: 5_000) is null)
                Interlocked.Increment(ref within);
        });

        within.Should().Be(5_000);
    }

    [Fact]
    public async Task Nobody_is_remembered_beyond_the_minute_and_never_more_than_so_many()
    {
        var counts = new LocalRequestCounts(_clock);
        for (var subject = 0; subject < LocalRequestCounts.MostSubjects + 10; subject++)
            await CountAsync(counts, most: 1, $"subject {subject}");
        counts.Subjects.Should().Be(10, "they begin anew");
        _clock.Advance(TimeSpan.FromMinutes(5));

        await CountAsync(counts, most: 1);

        counts.Subjects.Should().Be(1);
    }

    [Fact]
    public async Task Places_are_taken_all_or_none_and_given_back_once()
    {
        var places = new LocalUploadPlaces();
        var (caller, other, address) = (new UploadShare("caller", 1), new UploadShare("other", 1), new UploadShare("address", 2));
        var first = await places.TryEnterAsync([caller, address], CancellationToken.None);
        first.Should().NotBeNull();

        (await places.TryEnterAsync([address, caller], CancellationToken.None)).Should().BeNull("the caller has none left");
        var second = await places.TryEnterAsync([other, address], CancellationToken.None);
        second.Should().NotBeNull("the refused one has taken none of the address's");
        (await places.TryEnterAsync([address], CancellationToken.None)).Should().BeNull();
        await first!.DisposeAsync();
        await first.DisposeAsync();

        (await places.TryEnterAsync([address], CancellationToken.None)).Should().NotBeNull();
        (await places.TryEnterAsync([address], CancellationToken.None)).Should().BeNull("what is given back twice is one place");
        places.Subjects.Should().Be(2, "who has no place is not remembered");
    }

    private static ValueTask<TimeSpan?> CountAsync(LocalRequestCounts counts, int most, string subject = "one") =>
        counts.CountAsync(subject, most, CancellationToken.None);
}
