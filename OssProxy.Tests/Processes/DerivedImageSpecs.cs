using System.Net;
using System.Text.Json;
using OssProxy.Core.FileTypes;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>A photo that is uploaded and then looked at in a small form, with everything real: server, workers, store.</summary>
public sealed class DerivedImageSpecs : ProcessSpecs
{
    [Fact]
    public async Task An_uploaded_photo_is_made_small_for_whoever_asks_by_style()
    {
        await using var server = await ServerProcess.StartAsync(
            Settings(("Images:Styles:small", "image/resize,w_160"), ("Images:StyleAccept:small", "webp")), Folder);
        using var client = new HttpClient { BaseAddress = server.Address };
        using var form = new Form().File("img", "photo.jpg", await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "photo.jpg")))
            .ToContent();
        using var uploaded = await client.PostAsync(Chat, form);
        var photo = JsonDocument.Parse(await uploaded.Content.ReadAsStringAsync()).RootElement.GetProperty("data")[0].GetProperty("path").GetString();

        using var small = await client.GetAsync($"/img/{photo}!small");
        var picture = await small.Content.ReadAsByteArrayAsync();
        small.StatusCode.Should().Be(HttpStatusCode.OK);
        small.Content.Headers.ContentType!.ToString().Should().Be("image/jpeg");
        PictureSize.Of(FileTypeCatalog.Find("jpeg")!, picture).Should().Be(new PictureSize(160, 120));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/img/{photo}!small");
        request.Headers.Add("Accept", "image/webp,*/*");
        using var modern = await client.SendAsync(request);
        modern.Content.Headers.ContentType!.ToString().Should().Be("image/webp");
        (await modern.Content.ReadAsByteArrayAsync()).AsSpan(8, 4).SequenceEqual("WEBP"u8).Should().BeTrue();
        using var free = await client.GetAsync($"/img/{photo}?x-oss-process=image/info");
        free.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        using var known = new HttpRequestMessage(HttpMethod.Get, $"/img/{photo}?x-oss-process=image/info");
        known.Headers.Add("token", ApiServer.AdminKey);
        using var info = await client.SendAsync(known);
        (await info.Content.ReadAsStringAsync()).Should().Contain("\"ImageWidth\":{\"value\":\"1600\"}");
    }
}
