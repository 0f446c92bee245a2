using System.Net;
using System.Text;
using System.Text.Json;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Api.Images;

/// <summary>Results that are kept under a name of somebody's choice.</summary>
public sealed class SaveAsSpecs
{
    [Fact]
    public async Task An_admin_saves_among_the_originals_once_and_among_the_results_as_often_as_they_like()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");

        var saved = await PostAsync(house, "/img/a.jpg?x-oss-process", Save("image/resize,w_10", "kept/a.jpg"));
        saved.Status.Should().Be(HttpStatusCode.OK, saved.Text);
        var facts = JsonDocument.Parse(saved.Text).RootElement;
        facts.GetProperty("bucket").GetString().Should().Be(ApiServer.Bucket);
        facts.GetProperty("object").GetString().Should().Be("kept/a.jpg");
        facts.GetProperty("status").GetString().Should().Be("OK");
        var head = await house.Oss.Objects.HeadAsync(ObjectKey.Parse("kept/a.jpg"), CancellationToken.None);
        head!.Length.Should().Be(facts.GetProperty("fileSize").GetInt64());
        head.ContentType.Should().Be("image/jpeg");

        var again = await PostAsync(house, "/img/a.jpg?x-oss-process", Save("image/resize,w_10", "kept/a.jpg"));
        again.Status.Should().Be(HttpStatusCode.Conflict);
        again.Text.Should().Contain("<Code>FileAlreadyExists</Code>");
        foreach (var width in new[] { 10, 11 })
        {
            var result = await PostAsync(house, "/img/a.jpg?x-oss-process", Save($"image/resize,w_{width}", "kept.jpg", ImageHouse.Results));
            result.Status.Should().Be(HttpStatusCode.OK, result.Text);
        }

        (await house.ResultsAsync()).Should().Contain("kept.jpg");
    }

    [Theory]
    [InlineData("images/20260101/a.jpg", null)]
    [InlineData("Images/a.jpg", null)]
    [InlineData("uploads/a.jpg", null)]
    [InlineData("derived/a.jpg", null)]
    [InlineData("derived/a.jpg", ImageHouse.Results)]
    [InlineData("a.jpg!thumb", ImageHouse.Results)]
    [InlineData("a.jpg", "another-bucket")]
    public async Task Nothing_is_saved_where_uploads_or_results_lie_or_elsewhere(string key, string? bucket)
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");

        var refused = await PostAsync(house, "/img/a.jpg?x-oss-process", Save("image/resize,w_10", key, bucket));

        refused.Status.Should().Be(HttpStatusCode.Forbidden);
        refused.Text.Should().Contain("<Code>AccessDenied</Code>");
        house.Renderer.Calls.Should().Be(0);
    }

    [Fact]
    public async Task A_signed_address_says_itself_what_is_saved()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");
        var process = Save("image/resize,w_10", "kept/b.jpg");
        var terms = new OssUrlTerms { Query = [KeyValuePair.Create("x-oss-process", process)] };
        var signed = "/img" + (await house.Oss.Presigner.SignAsync(HttpMethod.Post, ObjectKey.Parse("a.jpg"), TimeSpan.FromMinutes(5), terms, CancellationToken.None))
            .PathAndQuery[(ApiServer.Bucket.Length + 1)..];
        var open = new OssUrlTerms { Query = [KeyValuePair.Create("x-oss-process", "")] };
        var withBody = "/img" + (await house.Oss.Presigner.SignAsync(HttpMethod.Post, ObjectKey.Parse("a.jpg"), TimeSpan.FromMinutes(5), open, CancellationToken.None))
            .PathAndQuery[(ApiServer.Bucket.Length + 1)..];

        (await PostAsync(house, signed, body: null, token: null)).Status.Should().Be(HttpStatusCode.OK);
        var refused = await PostAsync(house, withBody, process.Replace("kept/b", "kept/c", StringComparison.Ordinal), token: null);
        refused.Status.Should().Be(HttpStatusCode.Forbidden, "no signature holds the body");
        (await PostAsync(house, $"/img/a.jpg?x-oss-process={Uri.EscapeDataString(process)}", body: null, token: null)).Status
            .Should().Be(HttpStatusCode.Forbidden);
        (await PostAsync(house, "/img/a.jpg?x-oss-process", "image/resize,w_10")).Status.Should().Be(HttpStatusCode.BadRequest);
    }

    private static string Save(string process, string key, string? bucket = null) =>
        $"{process}|sys/saveas,o_{Text(key)}" + (bucket is null ? "" : $",b_{Text(bucket)}");

    private static string Text(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(ImageHouse house, string target, string? body, string? token = ApiServer.AdminKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, house.Address(target));
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes("x-oss-process=" + body));
        if (token is not null)
            request.Headers.Add("token", token);
        using var answer = await house.Client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
