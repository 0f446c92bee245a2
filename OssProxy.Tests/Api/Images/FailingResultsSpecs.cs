using System.Net;
using OssProxy.Emulator;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>Large images where the bucket of results takes them and does not give them back.</summary>
public sealed class FailingResultsSpecs
{
    private const int Large = 8 << 20;

    // For one large result, and not for two.
    private const string Room = "10485760";

    [Fact]
    public async Task What_can_be_written_and_not_read_is_answered_from_memory_which_is_given_back()
    {
        await using var house = await OpenAsync();

        for (var i = 0; i < 3; i++)
        {
            await house.PutAsync($"{i}.jpg");
            (await house.Client.GetByteArrayAsync($"/img/{i}.jpg!thumb")).Length.Should().BeGreaterThan(Large);
        }

        (await house.Client.GetByteArrayAsync("/img/0.jpg!thumb")).Length.Should().BeGreaterThan(Large);
        house.Renderer.Calls.Should().Be(4, "nothing that was kept can be found");
    }

    [Fact]
    public async Task Clients_that_do_not_read_hold_no_more_than_there_is_room_for()
    {
        await using var house = await OpenAsync();
        await house.PutAsync("a.jpg");
        await house.PutAsync("b.jpg");
        using var slow = await house.GetAsync("/img/a.jpg!thumb");

        using var refused = await house.GetAsync("/img/b.jpg!thumb");
        await refused.ShouldRefuseAsync(503, "ServiceUnavailable");
        refused.Headers.RetryAfter.Should().NotBeNull();

        (await slow.Content.ReadAsByteArrayAsync()).Length.Should().BeGreaterThan(Large);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await house.GetAsync("/img/b.jpg!thumb");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            "the first has been sent");
    }

    private static async Task<ImageHouse> OpenAsync()
    {
        var house = await ImageHouse.OpenAsync(new ScriptedRenderer { Padding = Large }, ("Images:SourceBytesInFlight", Room));
        foreach (var operation in new[] { OssOperation.GetObject, OssOperation.HeadObject })
            house.Server.Emulator.Faults.Add(new FaultRule { Bucket = ImageHouse.Results, Operation = operation, Status = 403, Code = "AccessDenied" });
        return house;
    }
}
