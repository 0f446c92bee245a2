using OssProxy.Core.Rendering;

namespace OssProxy.Tests.Rendering;

/// <summary>Who comes next where many wait.</summary>
public sealed class FairQueueSpecs
{
    private readonly FairQueue<string> _queue = new();

    [Fact]
    public void Clients_take_turns_and_each_keeps_its_order()
    {
        foreach (var item in new[] { "a1", "a2", "a3", "b1", "c1", "c2" })
            _queue.Add(item[..1], item);

        Rest().Should().Equal("a1", "b1", "c1", "a2", "c2", "a3");
        _queue.Count.Should().Be(0);
        _queue.First.Should().BeNull();
    }

    [Fact]
    public void Who_has_waited_for_nothing_comes_after_one_of_everybody()
    {
        for (var i = 0; i < 16; i++)
            _queue.Add("greedy", $"g{i}");
        Take().Should().Be("g0");

        _queue.Add("modest", "m");

        Take().Should().Be("g1", "its line was there before");
        Take().Should().Be("m");
    }

    [Fact]
    public void A_place_can_be_given_up_once()
    {
        var only = _queue.Add("a", "a1");
        _queue.Add("b", "b1");
        var second = _queue.Add("b", "b2");

        _queue.Remove(only).Should().BeTrue();
        _queue.Remove(only).Should().BeFalse();
        _queue.Remove(second).Should().BeTrue();

        _queue.Count.Should().Be(1);
        _queue.First!.Item.Should().Be("b1");
        Rest().Should().Equal("b1");
        _queue.Remove(second).Should().BeFalse();
    }

    [Fact]
    public void After_the_end_no_place_is_one()
    {
        var first = _queue.Add("a", "a1");
        var second = _queue.Add("a", "a2");

        _queue.Clear();

        _queue.Remove(first).Should().BeFalse();
        _queue.Take(second).Should().BeFalse();
        _queue.Count.Should().Be(0);
        Rest().Should().BeEmpty();
    }

    [Fact]
    public void What_is_given_back_is_the_next()
    {
        foreach (var item in new[] { "a1", "b1", "a2", "c1" })
            _queue.Add(item[..1], item);
        Take().Should().Be("a1");
        Take().Should().Be("b1");

        _queue.AddFirst("b", "b1");
        _queue.AddFirst("a", "a1");

        Rest().Should().Equal("a1", "b1", "c1", "a2");
    }

    [Fact]
    public void Only_who_has_more_than_another_would_have_can_lose_a_place()
    {
        _queue.Add("a", "a1");
        _queue.Add("a", "a2");
        _queue.Add("b", "b1");

        _queue.LastOfLongerThan("c")!.Item.Should().Be("a2");
        _queue.LastOfLongerThan("b").Should().BeNull("they would change places for ever");
        _queue.LastOfLongerThan("a").Should().BeNull();
    }

    private string Take() => _queue.TryTake(out var item) ? item : "";

    private List<string> Rest()
    {
        var items = new List<string>();
        while (_queue.TryTake(out var item))
            items.Add(item);
        return items;
    }
}
