using Microsoft.Extensions.Options;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Api.Rendering;

/// <summary>
/// Tells at start what pictures are rendered with, or what to install. It asks a first worker, beside the start and not before it; the worker
/// stays for the first request.
/// </summary>
internal sealed partial class EngineAnnouncement(WorkerPool pool, IOptions<RenderingOptions> options, ILogger<EngineAnnouncement> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Warm)
            return;
        try
        {
            var report = await pool.DescribeAsync(stoppingToken);
            LogFound(
                report.Version, report.Library, string.Join(' ', report.Reads), string.Join(' ', EngineWords.Written(report)),
                report.DecodesHeic ? "yes" : "no", !report.RendersText ? "no" : report.RendersChinese ? "yes" : "latin only", pool.Lanes);
        }
        catch (ImageException failure) when (failure.Error == ImageError.EngineMissing)
        {
            LogMissing(EngineWords.Install, (failure.InnerException ?? failure).Message);
        }
        catch (ImageException)
        {
            // It was told where workers are started.
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Images are rendered by libvips {Version} ({Library}): reads {Reads}, writes {Writes}, HEIC {Heic}, text {Text}, {Workers} workers at most")]
    private partial void LogFound(string version, string library, string reads, string writes, string heic, string text, int workers);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "There is no libvips: image requests are answered with 501 until it is installed ({Install}); tried: {Tried}")]
    private partial void LogMissing(string install, string tried);
}
