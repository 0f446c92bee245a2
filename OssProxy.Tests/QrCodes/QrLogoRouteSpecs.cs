using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Rendering;

namespace OssProxy.Tests.QrCodes;

/// <summary>Codes with a logo at the real door: whose picture it may be, and how long the code may be kept.</summary>
public sealed class QrLogoRouteSpecs : IAsyncLifetime
{
    private ApiServer? _server;

    private ApiServer Server => _server!;

    public async Task InitializeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-logo-").FullName;
        var emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(folder, "oss")), CancellationToken.None);
        _server = await ApiServer.StartAsync(
            emulator, folder, parts => parts.AddSingleton<Renderer>((job, _, _) => Task.FromResult(TestEngine.Shared.Render(job))));
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    [Fact]
    public async Task In_the_bucket_a_logo_is_for_whoever_has_uploaded_it_and_for_an_admin()
    {
        var path = await UploadAsync("phone-1");
        var strange = await UploadAsync(device: null);

        using var own = await DrawAsync(path, ("x-device-id", "phone-1"));
        own.StatusCode.Should().Be(HttpStatusCode.OK);
        QrReader.Read(await QrReader.PixelsAsync(await own.Content.ReadAsByteArrayAsync(), 420), 420).Should().Be("https://example.com");
        using var admin = await DrawAsync(strange, ("token", ApiServer.AdminKey));
        admin.StatusCode.Should().Be(HttpStatusCode.OK);

        await ShouldBeRefusedAsync(path, ("x-device-id", "phone-2"));
        await ShouldBeRefusedAsync(path);
        await ShouldBeRefusedAsync(strange);

        // Nor does knowing the tag tell anybody that the picture is still the same.
        await ShouldBeRefusedAsync(path, ("x-device-id", "phone-2"), ("If-None-Match", own.Headers.ETag!.ToString()));
    }

    [Fact]
    public async Task A_code_with_a_logo_is_asked_for_again_and_is_another_one_once_the_logo_is()
    {
        var path = await UploadAsync("phone-1");
        using var first = await DrawAsync(path, ("x-device-id", "phone-1"));
        var tag = first.Headers.ETag!;
        first.Headers.CacheControl!.ToString().Should().Be("no-cache, private");

        using var same = await DrawAsync(path, ("x-device-id", "phone-1"), ("If-None-Match", tag.ToString()));
        same.StatusCode.Should().Be(HttpStatusCode.NotModified);
        same.Headers.ETag.Should().Be(tag);

        using var body = new MemoryStream(Samples.Photo);
        var content = new ObjectContent { Body = body, Length = body.Length, ContentType = "image/jpeg", ForbidOverwrite = false };
        await Server.Services.GetRequiredService<ObjectStores>().Main.Store.PutAsync(ObjectKey.Parse(path), content, CancellationToken.None);

        using var other = await DrawAsync(path, ("x-device-id", "phone-1"), ("If-None-Match", tag.ToString()));
        other.StatusCode.Should().Be(HttpStatusCode.OK);
        other.Headers.ETag.Should().NotBe(tag);
    }

    private async Task<string> UploadAsync(string? device)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat/uploadAliyun")
        {
            Content = new Form().File("img", "logo.png", Samples.Read("plain.png")).ToContent(),
        };
        if (device is not null)
            request.Headers.Add("x-device-id", device);
        using var response = await Server.Client.SendAsync(request);
        var answer = await Answer.ReadAsync(response);
        answer.ShouldBeOk();
        return answer.Row.GetProperty("path").GetString()!;
    }

    private async Task ShouldBeRefusedAsync(string path, params (string Name, string Value)[] headers)
    {
        using var response = await DrawAsync(path, headers);
        (await Answer.ReadAsync(response)).ShouldFail(400, "QrLogoRefused");
    }

    private async Task<HttpResponseMessage> DrawAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, "/api/qrcode?text=https%3A%2F%2Fexample.com&size=420&logo=" + Uri.EscapeDataString(path));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await Server.Client.SendAsync(request);
    }
}
