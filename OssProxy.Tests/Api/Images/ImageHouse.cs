using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Oss;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>A server with a scripted renderer, an emulator with a bucket of originals and one of results.</summary>
internal sealed class ImageHouse : IAsyncDisposable
{
    public const string Results = "test-results";

    private static readonly (string Key, string Value)[] Usual =
    [
        ("Images:Bucket", Results),
        ("Images:Styles:thumb", "image/resize,w_100"),
        ("Images:Styles:modern", "image/resize,w_200"),
        ("Images:StyleAccept:modern", "avif,webp"),
    ];

    private readonly bool _isGuest;

    private ImageHouse(ApiServer server, ScriptedRenderer renderer, bool isGuest) =>
        (Server, Renderer, _isGuest) = (server, renderer, isGuest);

    public ApiServer Server { get; }

    public ScriptedRenderer Renderer { get; }

    public HttpClient Client => Server.Client;

    public OssClient Oss => Server.Services.GetRequiredService<OssClient>();

    /// <summary>The store of results.</summary>
    public IObjectStore Store => Server.Services.GetRequiredService<DerivedImages>().Results;

    public static Task<ImageHouse> OpenAsync(params (string Key, string Value)[] settings) => OpenAsync(new ScriptedRenderer(), settings);

    public static Task<ImageHouse> OpenAsync(ScriptedRenderer renderer, params (string Key, string Value)[] settings) =>
        OpenBehindAsync(emulator => emulator, renderer, settings);

    /// <summary>With somebody between the server and the emulator.</summary>
    public static async Task<ImageHouse> OpenBehindAsync(
        Func<Uri, Uri> between, ScriptedRenderer renderer, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-images-").FullName;
        var options = ApiServer.EmulatorOptions(Path.Combine(folder, "oss"));
        options.Buckets.Add(new EmulatorBucket { Name = Results });
        var emulator = await EmulatorServer.StartAsync(options, CancellationToken.None);
        var endpoint = ("Oss:Endpoint", between(emulator.Address).ToString().TrimEnd('/'));
        var starting = StartAsync(emulator, folder, renderer, [endpoint, .. settings]);
        return new ImageHouse(await ApiServer.OrLeaveNothingAsync(emulator, folder, starting), renderer, isGuest: false);
    }

    /// <summary>A second node at the same store, with a database of its own.</summary>
    public async Task<ImageHouse> NeighbourAsync(ScriptedRenderer renderer, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-images-").FullName;
        return new ImageHouse(await StartAsync(Server.Emulator, folder, renderer, settings), renderer, isGuest: true);
    }

    /// <summary>Puts an original where OSS has it.</summary>
    public async Task PutAsync(string key, byte[] content, string mediaType = "image/jpeg", string? cacheControl = null)
    {
        using var body = new MemoryStream(content);
        await Oss.Objects.PutAsync(
            ObjectKey.Parse(key), body, content.Length, new OssObjectSettings { ContentType = mediaType, CacheControl = cacheControl },
            CancellationToken.None);
    }

    public Task PutAsync(string key, int length = 100) => PutAsync(key, new byte[length]);

    public Task<HttpResponseMessage> GetAsync(string target, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, target, headers);

    public Task<HttpResponseMessage> HeadAsync(string target, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Head, target, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Address(target));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The address, letter by letter.</summary>
    public Uri Address(string target) =>
        new(Server.Address.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public async Task<JsonElement> AdminAsync(HttpMethod method, string path, object? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiServer.AdminKey);
        using var answer = await Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.Should().Be(expected, "{0}", text);
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    /// <summary>The keys where results lie.</summary>
    public async Task<IReadOnlyList<string>> ResultsAsync()
    {
        var keys = new List<string>();
        await foreach (var found in ((IListableObjectStore)Store).ListAsync("", CancellationToken.None))
            keys.Add(found.Key);
        return keys;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isGuest)
        {
            await Server.DisposeAsync();
            return;
        }

        Client.Dispose();
        await Server.StopAsync();
        Directory.Delete(Server.Folder, recursive: true);
    }

    private static Task<ApiServer> StartAsync(
        EmulatorServer emulator, string folder, ScriptedRenderer renderer, (string Key, string Value)[] settings) =>
        ApiServer.StartAsync(
            emulator, folder, parts => parts.AddSingleton<Renderer>(renderer.RenderAsync), [.. settings.Concat(Usual).DistinctBy(pair => pair.Key)]);
}

/// <summary>What an answer of the image service says.</summary>
internal static class ImageAnswers
{
    /// <summary>A failure in OSS's words.</summary>
    public static async Task ShouldRefuseAsync(this HttpResponseMessage answer, int status, string code, string? ec = null)
    {
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).Should().Be(status, "{0}", text);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/xml");
        answer.Headers.CacheControl!.NoStore.Should().BeTrue();
        text.Should().StartWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>").And.Contain($"<Code>{code}</Code>").And.Contain("<RequestId>");
        if (ec is not null)
            text.Should().Contain(string.Create(CultureInfo.InvariantCulture, $"<EC>{ec}</EC>"));
    }

    public static string Tag(this HttpResponseMessage answer) => answer.Headers.ETag!.ToString();
}
