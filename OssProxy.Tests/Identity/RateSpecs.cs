using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Identity;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>The limits at a door, with the counts in the process: who is counted together, and what a refusal looks like.</summary>
public sealed class RateSpecs
{
    // Each limit is 1. The second is counted with the first, the third is not.
    public static TheoryData<string, string, string, string> Together => new()
    {
        { "Rates:RequestsPerMinute", "machine", "machine", "other machine" },
        { "Rates:RequestsPerMinute", "machine", "machine", "guest a" },
        { "Rates:AddressRequestsPerMinute", "machine", "other machine", "" },
        { "Rates:AddressRequestsPerMinute", "guest a", "machine", "" },
        { "Rates:GuestRequestsPerMinute", "guest a", "guest b", "machine" },
        { "Rates:GuestRequestsPerMinute", "guest a", "guest", "machine" },
        { "Rates:OpenUploads", "machine", "machine", "other machine" },
        { "Rates:OpenUploads", "machine", "machine", "guest a" },
        { "Rates:AddressOpenUploads", "machine", "other machine", "" },
        { "Rates:GuestOpenUploads", "guest a", "guest b", "machine" },
    };

    [Theory]
    [MemberData(nameof(Together))]
    public async Task Whoever_is_one_too_many_is_refused_before_the_body_and_others_are_not(string setting, string first, string second, string third)
    {
        await using var server = await ApiServer.StartAsync((setting, "1"));
        var people = new Dictionary<string, RateVisitor>(StringComparer.Ordinal)
        {
            ["machine"] = await RateVisitor.MachineAsync(server),
            ["other machine"] = await RateVisitor.MachineAsync(server),
            ["guest a"] = RateVisitor.Guest("a"),
            ["guest b"] = RateVisitor.Guest("b"),
            ["guest"] = new(""),
        };
        var isOfPlaces = setting.EndsWith("OpenUploads", StringComparison.Ordinal);
        var (open, word) = await people[first].AnnounceAsync(server);
        using (open)
        {
            word.Should().StartWith("HTTP/1.1 100");

            await people[second].ShouldBeRefusedAsync(server, isOfPlaces ? "TooManyOpenUploads" : "TooManyRequests", isOfPlaces ? 1 : 60);

            if (third.Length > 0)
                (await people[third].UploadAsync(server)).Should().Be(HttpStatusCode.OK);
            (await RateVisitor.SendAsync(open)).Should().StartWith("HTTP/1.1 200", "who was in goes on");
        }

        (await people[second].UploadAsync(server)).Should().Be(
            isOfPlaces ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, "a place is free again, a minute has not passed");
        (await server.RowsAsync()).Should().Be(new StoreContents.Rows(0, 1 + (third.Length > 0 ? 1 : 0) + (isOfPlaces ? 1 : 0)));
    }

    [Fact]
    public async Task A_place_is_given_back_by_an_upload_that_fails_and_by_one_that_is_broken_off()
    {
        await using var server = await ApiServer.StartAsync(("Rates:GuestOpenUploads", "1"), ("Rates:AddressOpenUploads", "1"));
        var guest = RateVisitor.Guest("a");
        var (broken, _) = await guest.AnnounceAsync(server);
        broken.Reset();
        await Eventually.TrueAsync(async () => await guest.UploadAsync(server) == HttpStatusCode.OK, "the place of the one that left is free");

        using var nothing = await server.Client.PostAsync(RateVisitor.Door, new ByteArrayContent("none"u8.ToArray()));

        nothing.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await guest.UploadAsync(server)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Twenty_attempts_to_sign_in_a_minute_are_enough_for_one_address()
    {
        await using var server = await ApiServer.StartAsync();
        var rates = server.Services.GetRequiredService<RateLimits>();
        for (var attempt = 0; attempt < 20; attempt++)
            await rates.RequireSignInAsync("192.0.2.1", CancellationToken.None);

        var next = () => rates.RequireSignInAsync("192.0.2.1", CancellationToken.None).AsTask();

        var refusal = (await next.Should().ThrowAsync<IdentityException>()).Which;
        refusal.Error.Should().Be(IdentityError.TooManyRequests);
        refusal.RetryAfter.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        await rates.RequireSignInAsync("192.0.2.2", CancellationToken.None);
        await rates.RequireAsync("192.0.2.1", CancellationToken.None);
    }

    [Fact]
    public void Limits_that_are_out_of_range_are_named()
    {
        var options = new RateOptions
        {
            RequestsPerMinute = -1,
            AddressRequestsPerMinute = 1_000_001,
            GuestRequestsPerMinute = 1_000_000,
            SignInsPerMinute = -20,
            OpenUploads = 10_001,
            AddressOpenUploads = 10_000,
            GuestOpenUploads = -5,
        };

        var result = new RateOptionsValidator().Validate(name: null, options);

        result.Failures!.Select(fault => fault.Split(' ')[0]).Should().Equal(
            "Rates:RequestsPerMinute", "Rates:AddressRequestsPerMinute", "Rates:SignInsPerMinute", "Rates:OpenUploads", "Rates:GuestOpenUploads");
        new RateOptionsValidator().Validate(name: null, new RateOptions()).Succeeded.Should().BeTrue();
    }
}
