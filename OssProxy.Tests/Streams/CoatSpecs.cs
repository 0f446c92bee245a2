using OssProxy.Core.Streams;

namespace OssProxy.Tests.Streams;

public sealed class CoatSpecs
{
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
    public async Task A_read_of_nothing_does_not_wait_for_the_rest_while_there_is_a_prefix()
    {
        await using var body = new PrefixedStream("head"u8.ToArray(), new Silent());

        // Who asks so wants to know whether there is something.
        var reading = body.ReadAsync(Memory<byte>.Empty).AsTask();

        reading.IsCompletedSuccessfully.Should().BeTrue();
        (await reading).Should().Be(0);
        (await body.ReadAsync(new byte[9])).Should().Be(4);
        body.ReadAsync(Memory<byte>.Empty).AsTask().IsCompleted.Should().BeFalse("the rest has nothing yet");
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

    private sealed class Silent : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return 0;
        }
    }
}
