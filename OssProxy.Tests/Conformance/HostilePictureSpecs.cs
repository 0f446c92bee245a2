using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Api.Hosting;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;
using Xunit.Abstractions;

namespace OssProxy.Tests.Conformance;

public sealed class DistributionHostilePictureSpecs(ITestOutputHelper output) : HostilePictureSpecs(VipsLibraries.Distribution, output);

public sealed class BundledHostilePictureSpecs(ITestOutputHelper output) : HostilePictureSpecs(VipsLibraries.Bundled, output);

/// <summary>
/// Files that were made to do harm, against real workers: each gets a result or a clear refusal, in bounded time and memory.
/// <c>OSSPROXY_PICTURES</c> says how many spoilt files (120 without it), <c>OSSPROXY_FUZZ_SEED</c> which.
/// </summary>
[Trait("Category", "Fuzz")]
public abstract class HostilePictureSpecs(string library, ITestOutputHelper output) : IAsyncLifetime
{
    private const int UsualSeed = 20260105;
    private const int UsualCount = 120;
    private const long WorkerMemory = 512L << 20;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // What is done to them: each reads all of the pixels, and together they come by every encoder.
    private static readonly ImageProcess[] Processes =
    [
        .. ((string[])["image/resize,w_60", "image/format,png", "image/resize,w_40/format,webp", "image/rotate,30/format,jpg", "image/info",
            "image/average-hue", "image/crop,w_20,h_20,g_center/format,tiff", "image/circle,r_20/format,bmp"]).Select(text => ProcessString.Parse(text).Image!),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-hostile-").FullName;
    private WorkerPool? _pool;

    public Task InitializeAsync()
    {
        var options = new RenderingOptions { Workers = 2, Library = library, WorkerMemoryBytes = WorkerMemory, RenderTimeout = TimeSpan.FromSeconds(10) };
        _pool = new WorkerPool(options, WorkerCommand.Of(typeof(ApiHost).Assembly), _folder, TimeProvider.System, NullLogger<WorkerPool>.Instance);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _pool!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Spoilt_pictures_get_a_result_or_a_clear_refusal()
    {
        var count = Setting("OSSPROXY_PICTURES") ?? UsualCount;
        var files = new PictureMutations(Setting("OSSPROXY_FUZZ_SEED") ?? UsualSeed);
        var (next, answers) = (-1, new Dictionary<string, int>());

        await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number < count)
            {
                var answer = await AnswerAsync(files.At(number), Processes[number % Processes.Length], number.ToString(CultureInfo.InvariantCulture));
                lock (answers)
                    answers[answer] = answers.GetValueOrDefault(answer) + 1;
            }
        }));

        output.WriteLine(string.Join(", ", answers.OrderByDescending(answer => answer.Value).Select(answer => $"{answer.Key} {answer.Value}")));
        answers.Keys.Should().BeSubsetOf(
            ["done", nameof(ImageError.ImageDamaged), nameof(ImageError.ImageTooLarge), nameof(ImageError.ProcessRefused), nameof(ImageError.EngineMissing)],
            "nothing takes too long, and no failure is ours but that a library has no HEVC");
        answers["done"].Should().BeGreaterThan(count / 20);
        answers[nameof(ImageError.ImageDamaged)].Should().BeGreaterThan(count / 20);
        Enum.GetValues<WorkerLoss>().Where(loss => _pool!.LossesBy(loss) > 0)
            .Should().BeEmpty("what is spoilt is refused, and brings no worker down");
        await StillServesAsync();
    }

    [Fact]
    public async Task Bombs_do_not_go_off()
    {
        foreach (var (name, make) in PictureBombs.All)
        {
            var answer = await AnswerAsync(make(), Processes[0], name);

            output.WriteLine($"{name}: {answer}");
            // Some are pictures after all, once what they say besides is left out.
            answer.Should().BeOneOf([nameof(ImageError.ImageTooLarge), nameof(ImageError.ImageDamaged), "done"], name);
            if (name.Contains(" by ", StringComparison.Ordinal))
                answer.Should().NotBe("done", name);
        }

        await StillServesAsync();
    }

    // Everything that is no answer fails the test.
    private async Task<string> AnswerAsync(byte[] file, ImageProcess process, string name)
    {
        try
        {
            var result = await _pool!.RenderAsync(new RenderJob { Source = file, Process = process }, name, CancellationToken.None).WaitAsync(Longest);
            result.Content.IsEmpty.Should().BeFalse(name);
            return "done";
        }
        catch (ImageException refusal)
        {
            refusal.Message.Should().NotBeEmpty();
            return refusal.Error.ToString();
        }
    }

    private async Task StillServesAsync()
    {
        var photo = await File.ReadAllBytesAsync(ConformanceCase.FileOf("jpg400x267")!);
        (await AnswerAsync(photo, Processes[0], "the last")).Should().Be("done");
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}
