using System.Globalization;
using OssProxy.Api.Library;

namespace OssProxy.Tests.Api.Library;

public sealed class ConsoleClockSpecs
{
    private static readonly ConsoleClock Shanghai = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"), TimeProvider.System);

    [Fact]
    public void Times_are_written_as_consoles_know_them()
    {
        var at = new DateTimeOffset(2026, 1, 5, 16, 15, 0, 7, TimeSpan.Zero);

        Shanghai.Local(at).Should().Be("2026-01-06 00:15:00");
        ConsoleClock.Utc(at).Should().Be("2026-01-05T16:15:00.007Z");
    }

    [Theory]
    [InlineData("2026-01-05", false, "2026-01-04T16:00:00Z")]
    [InlineData("2026-01-05", true, "2026-01-05T16:00:00Z")]
    [InlineData("2026-01-05 08:00:00", true, "2026-01-05T00:00:00Z")]
    [InlineData("2026-01-05T08:00:00", false, "2026-01-05T00:00:00Z")]
    [InlineData("2026-01-05T08:00:00Z", false, "2026-01-05T08:00:00Z")]
    [InlineData("2026-01-05T08:00:00.250Z", false, "2026-01-05T08:00:00.250Z")]
    [InlineData("2026-01-05T08:00:00+01:00", false, "2026-01-05T07:00:00Z")]
    [InlineData("2026-01-05T08:00:00 01:00", false, "2026-01-05T07:00:00Z")]
    public void Days_and_times_are_read(string text, bool throughDay, string at) =>
        Shanghai.Read(text, throughDay).Should().Be(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("")]
    [InlineData("5.1.2026")]
    [InlineData("2026-1-5")]
    [InlineData("2026-02-29")]
    [InlineData("0001-01-01")]
    [InlineData("0001-01-01T00:00:00+08:00")]
    [InlineData("9999-12-31")]
    [InlineData("2026-01-05T24:00:00Z")]
    [InlineData("2026-01-05T08:00:00+99:00")]
    [InlineData("T 00:00")]
    public void What_is_no_time_is_not_read(string text) => Shanghai.Read(text, throughDay: false).Should().BeNull();

    [Fact]
    public void A_day_begins_also_where_the_clocks_skip_midnight() =>
        new ConsoleClock(TimeZoneInfo.FindSystemTimeZoneById("America/Sao_Paulo"), TimeProvider.System).Read("2018-11-04", throughDay: false)
            .Should().NotBeNull();
}
