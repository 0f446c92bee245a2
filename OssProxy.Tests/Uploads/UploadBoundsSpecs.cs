using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

public sealed class UploadBoundsSpecs
{
    [Fact]
    public void What_is_not_configured_is_valid() =>
        new UploadOptionsValidator().Validate(null, new UploadOptions()).Succeeded.Should().BeTrue();

    [Theory]
    [InlineData("MaxOpen", 0, 1)]
    [InlineData("MaxOpen", 1_000_001, 1_000_000)]
    [InlineData("MinBytesPerSecond", -1, 0)]
    [InlineData("MinBytesPerSecond", 1_000_001, 1_000_000)]
    public void A_number_beyond_its_range_is_refused_by_its_key(string key, int wrong, int right)
    {
        Complaint(key, wrong).Should().StartWith($"Uploads:{key} ");
        Complaint(key, right).Should().BeNull();
    }

    [Theory]
    [InlineData("RateWindow", "00:00:00.5", "00:00:01")]
    [InlineData("RateWindow", "01:00:01", "01:00:00")]
    [InlineData("TimeBudget", "00:00:00", "00:00:01")]
    [InlineData("TimeBudget", "7.00:00:01", "7.00:00:00")]
    public void A_time_beyond_its_range_is_refused_by_its_key(string key, string wrong, string right)
    {
        Complaint(key, TimeSpan.Parse(wrong, System.Globalization.CultureInfo.InvariantCulture)).Should().StartWith($"Uploads:{key} ");
        Complaint(key, TimeSpan.Parse(right, System.Globalization.CultureInfo.InvariantCulture)).Should().BeNull();
    }

    private static string? Complaint(string key, object value)
    {
        var options = new UploadOptions();
        typeof(UploadOptions).GetProperty(key)!.SetValue(options, value);
        return new UploadOptionsValidator().Validate(null, options).FailureMessage;
    }
}
