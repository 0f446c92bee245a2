using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

/// <summary>An engine that does what a test says, and remembers what it was asked.</summary>
internal sealed class ScriptedRenderer(Func<RenderJob, RenderResult> render) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-treatment-").FullName;

    public List<RenderJob> Jobs { get; } = [];

    /// <summary>Who hears why something cannot be done.</summary>
    public ILogger<PictureTreatments> Log { get; init; } = NullLogger<PictureTreatments>.Instance;

    /// <summary>What lies in the spool folder.</summary>
    public IEnumerable<string> Spooled => Directory.EnumerateFiles(_folder);

    /// <summary>For those who treat nothing.</summary>
    public static PictureTreatments Never(ObjectStores stores) => new(
        (_, _, _) => throw new InvalidOperationException("Nothing was to be rendered."), new RenderLimits(), 1, TimeSpan.FromSeconds(10),
        new SpoolFolder(Path.GetTempPath(), "none"), new BufferBudget(BufferBudget.MinBytes), stores,
        TimeProvider.System, NullLogger<PictureTreatments>.Instance);

    public PictureTreatments Treatments(ObjectStores stores, RenderLimits? limits = null) =>
        new(RenderAsync, limits ?? new RenderLimits(), 1, TimeSpan.FromSeconds(10), new SpoolFolder(_folder, "test"),
            new BufferBudget(BufferBudget.MinBytes), stores, TimeProvider.System, Log);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<RenderResult> RenderAsync(RenderJob job, string name, CancellationToken cancellationToken)
    {
        Jobs.Add(job);
        return Task.FromResult(render(job));
    }
}
