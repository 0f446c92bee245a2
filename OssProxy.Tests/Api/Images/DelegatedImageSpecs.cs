using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>Images that others make: OSS, and whoever takes pictures of videos.</summary>
public sealed class DelegatedImageSpecs
{
    private const string ChatSnapshot = "video/snapshot,t_20,m_fast,w_260,f_png";

    [Fact]
    public async Task OSS_makes_what_it_is_asked_for_and_we_keep_it()
    {
        await using var site = await ProcessingSite.OpenAsync();
        await using var house = await HouseAsync(site);
        await house.PutAsync("a.jpg");

        using var first = await house.GetAsync("/img/a.jpg!modern", ("Accept", "image/webp"));
        using var second = await house.GetAsync("/img/a.jpg!modern", ("Accept", "image/webp"));
        using var video = await house.GetAsync("/img/a.jpg?x-oss-process=video/snapshot,t_20,m_fast,w_260,f_png");

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Content.Headers.ContentType!.ToString().Should().Be("image/webp");
        (await second.Content.ReadAsStringAsync()).Should().Be(await first.Content.ReadAsStringAsync()).And.Be("made by image/resize,w_200/format,webp");
        (await video.Content.ReadAsStringAsync()).Should().StartWith("made by video/snapshot");
        site.Processes.Should().HaveCount(2);
        house.Renderer.Calls.Should().Be(0);
        (await house.ResultsAsync()).Should().HaveCount(2);
    }

    [Theory]
    [InlineData(400, "ImageTooLarge", 400, "ImageTooLarge")]
    [InlineData(400, "BadRequest", 400, "BadRequest")]
    [InlineData(404, "NoSuchKey", 404, "NoSuchKey")]
    [InlineData(403, "AccessDenied", 502, "InternalError")]
    [InlineData(503, "ServiceUnavailable", 503, "ServiceUnavailable")]
    public async Task What_OSS_refuses_comes_through_in_its_words_unless_it_refuses_us(int status, string code, int told, string toldCode)
    {
        await using var site = await ProcessingSite.OpenAsync();
        await using var house = await HouseAsync(site);
        await house.PutAsync("a.jpg");
        site.Refusal = (status, code);

        using var answer = await house.GetAsync("/img/a.jpg!thumb");

        await answer.ShouldRefuseAsync(told, toldCode, status == 400 ? "0040-00000007" : null);
        (await house.ResultsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_picture_of_a_video_is_taken_once()
    {
        var taken = new List<string>();
        var folder = Directory.CreateTempSubdirectory("ossproxy-images-").FullName;
        var emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(folder, "oss")), CancellationToken.None);
        SnapshotTaker take = (key, snapshot, _) =>
        {
            taken.Add($"{key} {snapshot.Canonical}");
            return Task.FromResult(new RenderResult { Content = new byte[] { 1, 2, 3 }, MediaType = "image/png" });
        };
        await using var server = await ApiServer.StartAsync(
            emulator, folder, parts => parts.AddSingleton<Renderer>(new ScriptedRenderer().RenderAsync).AddSingleton(take),
            ("Images:Allowed", ChatSnapshot));
        var store = server.Services.GetRequiredService<ObjectStores>().Main.Store;
        using var body = new MemoryStream(new byte[30_000_000]);
        await store.PutAsync(ObjectKey.Parse("a.mp4"), new ObjectContent { Body = body, ContentType = "video/mp4" }, CancellationToken.None);

        for (var i = 0; i < 2; i++)
        {
            using var answer = await server.Client.GetAsync("/img/a.mp4?x-oss-process=video/snapshot,w_260,t_20,f_png,m_fast");
            answer.Content.Headers.ContentType!.ToString().Should().Be("image/png");
            (await answer.Content.ReadAsByteArrayAsync()).Should().Equal(1, 2, 3);
        }

        taken.Should().ContainSingle().Which.Should().StartWith("a.mp4 video/snapshot");
        (await server.ObjectsAsync()).Should().ContainSingle(key => key.StartsWith("derived/", StringComparison.Ordinal) && key.EndsWith(".png"));
    }

    [Fact]
    public async Task What_OSS_made_of_another_state_than_the_one_we_know_is_not_kept_under_the_name_of_the_old_one()
    {
        await using var site = await ProcessingSite.OpenAsync();
        await using var house = await HouseAsync(site);
        await house.PutAsync("a.jpg", 100);
        using var head = await house.HeadAsync("/img/a.jpg!thumb");
        await house.PutAsync("a.jpg", 200);

        using var made = await house.GetAsync("/img/a.jpg!thumb");

        made.StatusCode.Should().Be(HttpStatusCode.OK);
        made.Tag().Should().NotBe(head.Tag());
        (await house.ResultsAsync()).Should().ContainSingle().Which.Should().Contain(made.Tag().Trim('"'));
    }

    [Fact]
    public async Task What_OSS_is_asked_for_at_a_time_has_to_have_room()
    {
        await using var site = await ProcessingSite.OpenAsync();
        await using var house = await HouseAsync(site, ("Images:QueueTimeout", "00:00:00.2"));
        await house.PutAsync("a.jpg");
        await house.PutAsync("b.jpg");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        site.Gate = gate.Task;
        var first = house.GetAsync("/img/a.jpg!thumb");
        await Eventually.TrueAsync(() => Task.FromResult(site.Processes.Count == 1), "OSS is at work");

        using var second = await house.GetAsync("/img/b.jpg!thumb");
        gate.SetResult();
        using var made = await first;

        await second.ShouldRefuseAsync(503, "ServiceUnavailable");
        made.StatusCode.Should().Be(HttpStatusCode.OK);
        site.Processes.Should().ContainSingle();
    }

    private static Task<ImageHouse> HouseAsync(ProcessingSite site, params (string Key, string Value)[] settings) =>
        ImageHouse.OpenBehindAsync(
            site.Before, new ScriptedRenderer(),
            [("Images:Delegate", "oss"), ("Oss:Attempts", "1"), ("Images:Allowed", ChatSnapshot), .. settings]);

    /// <summary>Stands before the emulator and processes what it is asked to, which the emulator does not.</summary>
    private sealed class ProcessingSite : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly HttpClient _client = new();
        private Uri? _behind;

        private ProcessingSite(WebApplication app) => _app = app;

        public List<string> Processes { get; } = [];

        public (int Status, string Code)? Refusal { get; set; }

        /// <summary>What each process waits for.</summary>
        public Task Gate { get; set; } = Task.CompletedTask;

        public static async Task<ProcessingSite> OpenAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            var site = new ProcessingSite(builder.Build());
            site._app.Run(site.AnswerAsync);
            await site._app.StartAsync();
            return site;
        }

        public Uri Before(Uri emulator)
        {
            _behind = emulator;
            return new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _app.DisposeAsync();
        }

        private async Task AnswerAsync(HttpContext context)
        {
            if (context.Request.Query["x-oss-process"].ToString() is { Length: > 0 } process)
            {
                Processes.Add(process);
                await Gate.WaitAsync(context.RequestAborted);
                context.Response.Headers["x-oss-request-id"] = "REQUEST";
                if (Refusal is { } refusal)
                {
                    context.Response.StatusCode = refusal.Status;
                    await context.Response.WriteAsync(
                        $"<Error><Code>{refusal.Code}</Code><Message>No.</Message><EC>0040-00000007</EC><RequestId>REQUEST</RequestId></Error>");
                    return;
                }

                context.Response.ContentType = process.EndsWith("webp", StringComparison.Ordinal) ? "image/webp" : "image/png";
                await context.Response.WriteAsync($"made by {process}");
                return;
            }

            using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_behind!, context.Request.Path + context.Request.QueryString));
            if (context.Request.ContentLength is { } length)
            {
                request.Content = new StreamContent(context.Request.Body);
                request.Content.Headers.ContentLength = length;
            }

            foreach (var (name, value) in context.Request.Headers)
            {
                if (!request.Headers.TryAddWithoutValidation(name, (string?)value) && name != "Content-Length")
                    request.Content?.Headers.TryAddWithoutValidation(name, (string?)value);
            }

            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
            {
                if (name is not ("Transfer-Encoding" or "Connection"))
                    context.Response.Headers[name] = values.ToArray();
            }

            if (context.Request.Method != "HEAD")
                await answer.Content.CopyToAsync(context.Response.Body);
        }
    }
}
