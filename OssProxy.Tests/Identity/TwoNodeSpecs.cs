using System.Diagnostics;
using System.Net.Http.Json;
using OssProxy.Tests.Api;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

/// <summary>Two nodes on one PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TwoNodeSpecs(PostgresServer postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(2);

    private ApiServer? _here;
    private ApiServer? _there;

    public async Task InitializeAsync()
    {
        (string, string)[] settings =
            [("Records:Provider", "postgres"), ("Records:ConnectionString", await postgres.NewSchemaAsync(CancellationToken.None))];
        _here = await ApiServer.StartAsync(settings);
        _there = await ApiServer.StartAsync(settings);
    }

    public async Task DisposeAsync()
    {
        await _here!.DisposeAsync();
        await _there!.DisposeAsync();
    }

    [Fact]
    public async Task A_session_that_began_on_one_node_is_good_on_the_other_and_its_end_is_known_there_within_two_seconds()
    {
        using var begun = await _here!.Client.PostAsJsonAsync("/api/guest/session", new { deviceId = "phone" });
        var token = (await Answer.ReadAsync(begun)).Data.GetProperty("token").GetString()!;
        (await MeAsync(_there!, token)).ShouldBeOk();

        await SendAsync(_here, HttpMethod.Post, "/api/me/logout", token);

        await ShouldBeRefusedInTimeAsync(token);
    }

    [Fact]
    public async Task A_key_that_is_revoked_on_one_node_is_dead_on_the_other_within_two_seconds_though_it_is_used_all_the_time()
    {
        var maker = new TokenMaker(_here!);
        var token = await maker.MakeAsync(TokenCase.UploadKey);
        var id = (await MeAsync(_there!, token)).Data.GetProperty("id").GetString()!["key:".Length..];

        await maker.RevokeAsync(long.Parse(id, System.Globalization.CultureInfo.InvariantCulture));

        await ShouldBeRefusedInTimeAsync(token);
    }

    private async Task ShouldBeRefusedInTimeAsync(string token)
    {
        (await MeAsync(_here!, token)).ShouldFail(401, "TokenInvalid");
        var since = Stopwatch.StartNew();
        await Eventually.TrueAsync(async () => (await MeAsync(_there!, token)).ErrorCode == "TokenInvalid", "the other node knows");
        since.Elapsed.Should().BeLessThan(Promised);
    }

    private static Task<Answer> MeAsync(ApiServer server, string token) => SendAsync(server, HttpMethod.Get, "/api/me", token);

    private static async Task<Answer> SendAsync(ApiServer server, HttpMethod method, string path, string token)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("token", token);
        using var response = await server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }
}
