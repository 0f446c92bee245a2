using OssProxy.Core.Streams;

namespace OssProxy.Tests.Streams;

public sealed class CoatSpecs
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_prefix_is_delivered_once_more_and_then_the_rest()
    {
        await using var body = new PrefixedStream("head"u8.ToArray(), new MemoryStream("-tail"u8.ToArray()));

        (await ReadAllAsync(body, pieces: 3)).Should().Equal("head-tail"u8.ToArray());
    }

    [Fact]
    public async Task A_measured_body_may_be_exactly_as_long_as_its_limit()
    {
        await using var body = new MeasuredStream(new MemoryStream(new byte[10]), 10, () => new InvalidOperationException());

        (await ReadAllAsync(body, pieces: 4)).Should().HaveCount(10);
        body.Count.Should().Be(10);
        body.Ended.Should().BeTrue();
    }

    [Fact]
    public async Task One_byte_more_than_the_limit_fails_and_is_never_an_end()
    {
        await using var body = new MeasuredStream(new MemoryStream(new byte[11]), 10, () => new InvalidOperationException("too long"));

        var reading = () => ReadAllAsync(body, pieces: 4);

        await reading.Should().ThrowAsync<InvalidOperationException>().WithMessage("too long");
        body.Ended.Should().BeFalse();
    }

    [Fact]
    public async Task A_blamed_body_throws_what_the_judge_says_and_passes_what_he_lets_go()
    {
        await using var blamed = new BlamedStream(new Failing(new IOException("gone")), _ => new InvalidOperationException("the client's"));
        await using var passed = new BlamedStream(new Failing(new IOException("gone")), _ => null);

        await ReadingOf(blamed).Should().ThrowAsync<InvalidOperationException>().WithMessage("the client's");
        await ReadingOf(passed).Should().ThrowAsync<IOException>().WithMessage("gone");
    }

    [Fact]
    public async Task A_silent_body_ends_after_the_idle_time()
    {
        var clock = new Clock();
        var silent = new Silent();
        await using var body = new IdleStream(silent, Idle, clock, () => new TimeoutException("silent"));
        var reading = body.ReadAsync(new byte[1]).AsTask();

        clock.Advance(Idle - TimeSpan.FromTicks(1));
        reading.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromTicks(1));

        var outcome = async () => await reading;
        await outcome.Should().ThrowAsync<TimeoutException>().WithMessage("silent");
    }

    [Fact]
    public async Task Time_that_the_reader_spends_elsewhere_does_not_count()
    {
        var clock = new Clock();
        await using var body = new IdleStream(new MemoryStream(new byte[2]), Idle, clock, () => new TimeoutException());

        (await body.ReadAsync(new byte[1])).Should().Be(1);
        clock.Advance(Idle * 100);

        (await body.ReadAsync(new byte[1])).Should().Be(1);
    }

    [Fact]
    public async Task Cancelling_a_silent_body_is_a_cancellation_and_not_idleness()
    {
        await using var body = new IdleStream(new Silent(), Idle, new Clock(), () => new TimeoutException());
        using var cancel = new CancellationTokenSource();
        var reading = body.ReadAsync(new byte[1], cancel.Token).AsTask();

        await cancel.CancelAsync();

        var outcome = async () => await reading;
        await outcome.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void A_body_cannot_be_read_synchronously()
    {
        using var body = new PrefixedStream(default, new MemoryStream(new byte[1]));

        var reading = () => body.Read(new byte[1], 0, 1);

        reading.Should().Throw<NotSupportedException>();
    }

    private static async Task<byte[]> ReadAllAsync(Stream body, int pieces)
    {
        var all = new MemoryStream();
        var buffer = new byte[pieces];
        int read;
        while ((read = await body.ReadAsync(buffer)) > 0)
            all.Write(buffer, 0, read);
        return all.ToArray();
    }

    private static Func<Task> ReadingOf(Stream body) => () => body.ReadExactlyAsync(new byte[1]).AsTask();

    private sealed class Failing(Exception failure) : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(failure);
    }

    private sealed class Silent : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }
    }
}
