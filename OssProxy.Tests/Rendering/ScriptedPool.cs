using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>Pools with real processes whose engine does what the source says, and what specs ask of them.</summary>
public abstract class ScriptedPool : IAsyncLifetime
{
    private readonly List<WorkerPool> _pools = [];

    protected static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Where the workers have their folders.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("ossproxy-pool-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var pool in _pools)
            await pool.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    protected WorkerPool Pool(
        Action<RenderingOptions>? change = null, TimeSpan? patience = null, WorkerCommand? command = null, TimeProvider? time = null, ILogger<WorkerPool>? log = null)
    {
        var options = new RenderingOptions { Workers = 1 };
        change?.Invoke(options);
        var pool = new WorkerPool(
            options, command ?? ScriptedWorker.Command, Folder, time ?? TimeProvider.System, log ?? NullLogger<WorkerPool>.Instance)
        {
            Patience = patience ?? WorkerPool.AbandonedPatience,
        };
        _pools.Add(pool);
        return pool;
    }

    protected static Func<Task> Awaiting(Func<Task> action) => action;

    protected static Task<RenderResult> RenderAsync(WorkerPool pool, RenderJob job, string? key = null) =>
        pool.RenderAsync(job, key ?? Encoding.UTF8.GetString(job.Source.Span[..Math.Min(job.Source.Length, 100)]), CancellationToken.None);

    protected static async Task<string> TextAsync(WorkerPool pool, string script, string? key = null) =>
        ScriptedWorker.Text(await RenderAsync(pool, ScriptedWorker.Job(script), key).WaitAsync(Deadline));

    protected static Task<ImageException> RefusedAsync(WorkerPool pool, string script, string? key = null) =>
        RefusedAsync(() => RenderAsync(pool, ScriptedWorker.Job(script), key));

    protected static async Task<ImageException> RefusedAsync(Func<Task> action) =>
        (await Awaiting(() => action().WaitAsync(Deadline)).Should().ThrowAsync<ImageException>()).Which;

    protected static async Task LeaveAsync(WorkerPool pool, string script)
    {
        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Awaiting(() => pool.RenderAsync(ScriptedWorker.Job(script), script, leaving.Token))
            .Should().ThrowAsync<OperationCanceledException>();
    }

    protected static bool IsThere(string number) => Directory.Exists($"/proc/{number}");
}
