using OssProxy.Core.Derivatives;

namespace OssProxy.Tests.Derivatives;

public sealed class ResultMemorySpecs
{
    [Fact]
    public void What_is_asked_for_stays_and_what_is_not_goes()
    {
        var memory = new ResultMemory(10_000);
        foreach (var i in Enumerable.Range(0, 9))
            memory.Keep($"{i}", Result(500));
        memory.Find("0").Should().NotBeNull();

        foreach (var i in Enumerable.Range(9, 8))
            memory.Keep($"{i}", Result(500));

        memory.Find("0").Should().NotBeNull("it was asked for");
        memory.Find("1").Should().BeNull();
        memory.Find("16").Should().NotBeNull();
        memory.HeldBytes.Should().BeLessThanOrEqualTo(10_000);
    }

    [Fact]
    public void What_is_large_is_not_kept_and_nothing_is_kept_twice()
    {
        var memory = new ResultMemory(10_000_000);
        memory.Keep("large", Result(ResultMemory.MaxEntryBytes + 1));
        memory.Keep("small", Result(100));
        var held = memory.HeldBytes;
        memory.Keep("small", Result(100));

        memory.Find("large").Should().BeNull();
        memory.HeldBytes.Should().Be(held);
        new ResultMemory(0).Takes(0).Should().BeFalse();
    }

    private static KeptResult Result(int length) => new(new byte[length], "image/png");
}
