using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Api.Hosting;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>The program's own worker, with the library that this machine has.</summary>
public sealed class RealWorkerSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-worker-").FullName;
    private WorkerPool? _pool;

    private WorkerPool Pool => _pool!;

    public Task InitializeAsync()
    {
        _pool = new WorkerPool(
            new RenderingOptions { Workers = 1 }, WorkerCommand.Of(typeof(ApiHost).Assembly), _folder, TimeProvider.System,
            NullLogger<WorkerPool>.Instance);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Pool.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_picture_is_rendered_with_its_watermark_in_another_process()
    {
        var text = Convert.ToBase64String("mark"u8).TrimEnd('=');
        var image = Convert.ToBase64String("logo.png"u8).TrimEnd('=');
        var job = Job("photo.jpg", $"image/resize,w_120/watermark,text_{text}/watermark,image_{image}/format,webp") with
        {
            Marks = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty.Add("logo.png", Sample("plain.png")),
        };

        var result = await Pool.RenderAsync(job, "photo", CancellationToken.None).WaitAsync(Deadline);

        result.Should().Match<RenderResult>(one => one.MediaType == "image/webp" && one.Width == 120 && !one.Unchanged);
        result.Content.Span[..4].SequenceEqual("RIFF"u8).Should().BeTrue();
        var report = await Pool.DescribeAsync(CancellationToken.None);
        report.Library.Should().Contain("libvips");
        report.Reads.Should().Contain(["jpg", "png", "webp", "gif"]);
    }

    [Fact]
    public async Task The_second_worker_believes_what_the_first_has_found_out()
    {
        var starts = new WorkerStarts(
            WorkerCommand.Of(typeof(ApiHost).Assembly), new WorkerArguments(1 << 30, Deadline, "", Known: null), new WorkerFolder(_folder),
            TimeProvider.System, NullLogger.Instance);
        await using var first = await starts.StartAsync(CancellationToken.None);
        await using var second = await starts.StartAsync(CancellationToken.None);

        var result = await second.RenderAsync(Job("plain.jpg", "image/format,png"), () => { }, CancellationToken.None).WaitAsync(Deadline);

        result.MediaType.Should().Be("image/png");
        second.Report.Should().BeEquivalentTo(first.Report);
        (await WordsAsync(first)).Should().HaveCount((await WordsAsync(second)).Length - 1);
    }

    [Fact]
    public async Task What_the_engine_refuses_comes_with_its_number()
    {
        var act = () => Pool.RenderAsync(Job("page.pdf", "image/resize,w_10"), "page", CancellationToken.None).WaitAsync(Deadline);

        (await act.Should().ThrowAsync<ImageException>()).Which.Should().Match<ImageException>(
            one => one.Error == ImageError.ProcessRefused && one.Ec == "0040-00000005");
    }

    private static RenderJob Job(string sample, string process) => new()
    {
        Source = Sample(sample),
        Process = ProcessString.Parse(process).Image!,
    };

    private static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", name));

    private static async Task<string[]> WordsAsync(WorkerProcess worker) =>
        (await File.ReadAllTextAsync($"/proc/{worker.Id}/cmdline")).TrimEnd('\0').Split('\0');
}
