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

    private static UploadFolder Folder(string text) =>
        UploadFolder.TryParsePrefix(text, out var folder) ? folder : throw new InvalidOperationException(text);
}
