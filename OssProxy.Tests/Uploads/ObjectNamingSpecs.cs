using System.Globalization;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

public sealed class ObjectNamingSpecs
{
    private static readonly TimeZoneInfo Shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    [Fact]
    public void A_key_has_the_date_of_the_time_zone_the_millisecond_and_twelve_hex_digits()
    {
        // 16:30 UTC is already tomorrow in Shanghai.
        var naming = new ObjectNaming(new Clock(new DateTimeOffset(2026, 1, 4, 16, 30, 0, 123, TimeSpan.Zero)), Shanghai);

        var key = naming.Random(Folder("images"), ".jpg");

        key.Value.Should().MatchRegex("^images/20260105/1767544200123_[0-9a-f]{12}\\.jpg$");
    }

    [Fact]
    public void A_local_key_ends_in_a_plain_number()
    {
        var naming = new ObjectNaming(new Clock(), TimeZoneInfo.Utc);

        naming.Numbered(Folder("Diy/chatImgs"), ".png").Value
            .Should().MatchRegex("^Diy/chatImgs/20260105/1767600000000_(0|[1-9][0-9]{0,7})\\.png$");
        naming.Numbered(UploadFolder.Root, ".png").Value.Should().StartWith("20260105/");
    }

    [Fact]
    public void Ten_thousand_keys_of_one_millisecond_are_all_different()
    {
        var naming = new ObjectNaming(new Clock(), Shanghai);

        Enumerable.Range(0, 10_000).Select(_ => naming.Random(Folder("images"), ".jpg")).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("Asia/Shanghai", "2026-01-04T15:59:59Z", "2026-01-04T16:00:00Z")]
    [InlineData("Asia/Shanghai", "2026-01-04T16:00:00Z", "2026-01-05T16:00:00Z")]
    // 23 hours, 25 hours.
    [InlineData("Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T23:00:00Z")]
    // The clocks go from midnight to 1; from 1 back to midnight.
    [InlineData("Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z")]
    [InlineData("America/Havana", "2026-10-31T12:00:00Z", "2026-11-01T04:00:00Z")]
    public void A_day_ends_when_the_next_date_begins(string zone, string moment, string end)
    {
        var naming = new ObjectNaming(new Clock(), TimeZoneInfo.FindSystemTimeZoneById(zone));
        var now = DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture);

        var ends = naming.EndOfDay(now);

        ends.Should().Be(DateTimeOffset.Parse(end, CultureInfo.InvariantCulture));
        naming.DateOf(ends.AddTicks(-1)).Should().Be(naming.DateOf(now));
        naming.DateOf(ends).Should().NotBe(naming.DateOf(now));
    }

    private static UploadFolder Folder(string text) =>
        UploadFolder.TryParsePrefix(text, out var folder) ? folder : throw new InvalidOperationException(text);
}
