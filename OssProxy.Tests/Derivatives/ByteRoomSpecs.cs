using OssProxy.Core.Derivatives;
using OssProxy.Core.Images;

namespace OssProxy.Tests.Derivatives;

public sealed class ByteRoomSpecs
{
    private readonly Clock _clock = new();
    private readonly ByteRoom _room;

    public ByteRoomSpecs() => _room = new ByteRoom(100, TimeSpan.FromSeconds(10), _clock);

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task Who_finds_no_room_waits_and_who_needs_little_passes()
    {
        var first = await _room.EnterAsync(60, "", Deadline);
        var second = _room.EnterAsync(50, "", Deadline).AsTask();
        var third = _room.EnterAsync(10, "", Deadline).AsTask();

        second.IsCompleted.Should().BeFalse();
        (await third).Dispose();
        _room.TryEnter(41).Should().BeNull();
        _room.TryEnter(40)!.Dispose();
        first.Dispose();
        first.Dispose();

        using var entered = await second;
        _room.HeldBytes.Should().Be(50);
    }

    [Fact]
    public async Task Who_leaves_the_queue_lets_the_next_one_in()
    {
        using var left = new CancellationTokenSource();
        using var first = await _room.EnterAsync(60, "", Deadline);
        var second = _room.EnterAsync(50, "", left.Token).AsTask();
        var third = _room.EnterAsync(40, "", Deadline).AsTask();

        await left.CancelAsync();

        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();
        using var entered = await third;
        _room.HeldBytes.Should().Be(100);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_to_come_back_and_lets_the_next_one_in()
    {
        using var first = await _room.EnterAsync(60, "", Deadline);
        var second = _room.EnterAsync(50, "", Deadline).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(9));
        var third = _room.EnterAsync(40, "", Deadline).AsTask();
        second.IsCompleted.Should().BeFalse();

        _clock.Advance(TimeSpan.FromSeconds(1));

        var refused = await FluentActions.Awaiting(() => second).Should().ThrowAsync<ImageException>();
        refused.Which.Error.Should().Be(ImageError.RenderingBusy);
        using var entered = await third;
        _room.HeldBytes.Should().Be(100);
    }

    [Fact]
    public async Task Who_needs_much_is_not_passed_for_ever()
    {
        var first = await _room.EnterAsync(60, "", Deadline);
        var large = _room.EnterAsync(100, "large", Deadline).AsTask();
        var passing = await _room.EnterAsync(40, "small", Deadline);
        _clock.Advance(TimeSpan.FromSeconds(5));

        passing.Dispose();
        var late = _room.EnterAsync(40, "small", Deadline).AsTask();

        late.IsCompleted.Should().BeFalse("there is room, and it is kept for the other");
        first.Dispose();
        (await large).Dispose();
        (await late).Dispose();
        _room.HeldBytes.Should().Be(0);
    }

    [Fact]
    public async Task One_client_does_not_keep_the_room_from_the_others()
    {
        var first = await _room.EnterAsync(100, "greedy", Deadline);
        var second = _room.EnterAsync(100, "greedy", Deadline).AsTask();
        var third = _room.EnterAsync(100, "greedy", Deadline).AsTask();
        var modest = _room.EnterAsync(100, "modest", Deadline).AsTask();

        first.Dispose();
        (await second).Dispose();

        using var entered = await modest;
        third.IsCompleted.Should().BeFalse();
        entered.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task What_is_larger_than_the_room_gets_all_of_it()
    {
        var large = await _room.EnterAsync(1000, "", Deadline);
        var next = _room.EnterAsync(1, "", Deadline).AsTask();

        _room.HeldBytes.Should().Be(100);
        next.IsCompleted.Should().BeFalse();
        large.Dispose();
        (await next).Dispose();
        _room.HeldBytes.Should().Be(0);
    }
}
