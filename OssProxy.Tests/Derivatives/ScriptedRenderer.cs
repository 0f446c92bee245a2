using System.Collections.Concurrent;
using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;

namespace OssProxy.Tests.Derivatives;

/// <summary>A renderer that paints nothing: its result says what was to be done to what. It counts, waits and fails as a test
/// wants.</summary>
internal sealed class ScriptedRenderer
{
    private int _calls;

    /// <summary>How often it was asked.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The jobs, with copies of their sources: what they were rented for is over.</summary>
    public ConcurrentQueue<(RenderJob Job, byte[] Source, string PoisonKey)> Jobs { get; } = new();

    /// <summary>What each call waits for.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>What each call fails with; null for none.</summary>
    public Func<RenderJob, Exception?> Failure { get; set; } = _ => null;

    /// <summary>What the result is made longer by.</summary>
    public int Padding { get; set; }

    /// <summary>Told apart from those of another renderer.</summary>
    public string Signature { get; init; } = "made";

    /// <summary>Whether the result is the source.</summary>
    public bool ChangesNothing { get; set; }

    public static string TypeOf(RenderJob job) => job.Process.Actions.Any(action => action is Info) ? "application/json"
        : (job.Process.Format == ImageFormat.Source ? job.Preferred : job.Process.Format) switch
        {
            ImageFormat.WebP => "image/webp",
            ImageFormat.Avif => "image/avif",
            ImageFormat.Png => "image/png",
            _ => "image/jpeg",
        };

    public async Task<RenderResult> RenderAsync(RenderJob job, string poisonKey, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        Jobs.Enqueue((job, job.Source.ToArray(), poisonKey));
        await Before(cancellationToken);
        if (Failure(job) is { } failure)
            throw failure;
        var text = $"{Signature} {job.Process.Canonical} {job.Preferred} of {job.Source.Length} with {string.Join(',', job.Marks.Keys)}";
        return new RenderResult
        {
            Content = ChangesNothing ? job.Source : Encoding.UTF8.GetBytes(text + new string('.', Padding)),
            MediaType = TypeOf(job),
            Width = 10,
            Height = 10,
            Unchanged = ChangesNothing,
        };
    }
}
