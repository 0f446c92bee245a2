using OssProxy.Core.Transfers;

namespace OssProxy.Tests.Transfers;

public sealed class PartPlanSpecs
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(1, 8)]
    [InlineData(750, 8)]
    [InlineData(751, 16)]
    [InlineData(1500, 16)]
    [InlineData(1501, 32)]
    [InlineData(6750, 2048)]
    [InlineData(6751, 4096)]
    [InlineData(10_000, 4096)]
    public void Parts_grow_with_their_position(int number, long mebibytes) =>
        new PartPlan(8 * MiB).SizeOf(number).Should().Be(mebibytes * MiB);

    [Theory]
    [InlineData(MiB)]
    [InlineData(5_000_000)]
    [InlineData(8 * MiB)]
    [InlineData(512 * MiB)]
    public void Ten_thousand_parts_hold_5_TB_none_is_smaller_than_the_one_before_and_none_is_refused(long first)
    {
        var sizes = Enumerable.Range(1, PartPlan.MaxParts).Select(new PartPlan(first).SizeOf).ToList();

        sizes[0].Should().Be(first);
        sizes.Zip(sizes.Skip(1)).Should().OnlyContain(pair => pair.First <= pair.Second);
        sizes.Should().OnlyContain(size => size >= 100 * 1024 && size <= 5L * 1024 * MiB);
        sizes.Sum().Should().BeGreaterThanOrEqualTo(PartPlan.MaxObjectBytes).And.BeGreaterThanOrEqualTo(5_497_558_138_880);
    }

    [Fact]
    public void Five_gibibytes_need_no_part_larger_than_the_first() =>
        Enumerable.Range(1, 640).Select(new PartPlan(8 * MiB).SizeOf).Should().OnlyContain(size => size == 8 * MiB);

    [Theory]
    [InlineData(0)]
    [InlineData(10_001)]
    public void There_is_no_part_beyond_the_numbers(int number)
    {
        var ask = () => new PartPlan(MiB).SizeOf(number);

        ask.Should().Throw<ArgumentOutOfRangeException>();
    }
}
