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
            await ServedAsync(house, $"/img/{i}.jpg!thumb");
        }

        var calls = house.Renderer.Calls;
        await ServedAsync(house, "/img/0.jpg!thumb");
        house.Renderer.Calls.Should().BeGreaterThan(calls, "nothing that was kept can be found");
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
        await ServedAsync(house, "/img/b.jpg!thumb");
    }

    // The room is given back a moment after the client has the last byte.
    private static Task ServedAsync(ImageHouse house, string target) => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await house.GetAsync(target);
            if (answer.StatusCode == HttpStatusCode.OK)
                return (await answer.Content.ReadAsByteArrayAsync()).Length > Large;
            answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            return false;
        },
        "what was there before has been sent");

    private static async Task<ImageHouse> OpenAsync()
    {
        var house = await ImageHouse.OpenAsync(new ScriptedRenderer { Padding = Large }, ("Images:SourceBytesInFlight", Room));
        foreach (var operation in new[] { OssOperation.GetObject, OssOperation.HeadObject })
            house.Server.Emulator.Faults.Add(new FaultRule { Bucket = ImageHouse.Results, Operation = operation, Status = 403, Code = "AccessDenied" });
        return house;
    }
}
