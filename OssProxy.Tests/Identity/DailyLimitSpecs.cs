using System.Net;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>When somebody who has used up a day is told to come back.</summary>
public sealed class DailyLimitSpecs
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("none")]
    public async Task A_day_that_is_used_up_ends_at_midnight_of_the_deployments_zone(string records)
    {
        await using var server = await ApiServer.StartAsync(
            ("Uploads:FilesPerDay", "1"), ("Uploads:TimeZone", "Asia/Kathmandu"), ("Records:Provider", records));
        (await new RateVisitor("").UploadAsync(server)).Should().Be(HttpStatusCode.OK);

        using var refused = await server.Client.PostAsync(RateVisitor.Door, new Form().File("img", "a.jpg", Samples.Photo).ToContent());

        (await Answer.ReadAsync(refused)).ShouldFail(429, "DailyLimitReached");
        var there = TimeProvider.System.GetUtcNow().ToOffset(new TimeSpan(5, 45, 0));
        var end = refused.Headers.RetryAfter!.Delta!.Value + there.TimeOfDay;
        end.Should().BeCloseTo(TimeSpan.FromDays(1), TimeSpan.FromSeconds(10));
    }
}
