using Microsoft.Extensions.Options;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Api.Rendering;

/// <summary>
/// Tells at start what pictures are rendered with, or what to install. It asks a first worker, beside the start and not before it; the
/// worker stays for the first request.
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
                report.Version, report.Library, pool.Lanes, string.Join(' ', report.Reads), string.Join(' ', EngineWords.Written(report)),
                report.DecodesHeic ? "yes" : "no", !report.RendersText ? "no" : report.RendersChinese ? "yes" : "latin only");
        }
        catch (ImageException failure) when (failure.Error == ImageError.EngineMissing)
        {
            LogMissing(EngineWords.WhyNone(failure));
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
        Message = "Images are rendered by libvips {Version} ({Library}), {Workers} workers at most: reads {Reads}, writes {Writes}, "
            + "HEIC {Heic}, text {Text}")]
    private partial void LogFound(string version, string library, int workers, string reads, string writes, string heic, string text);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Image requests are answered with 501 until a library is installed: {Reason}")]
    private partial void LogMissing(string reason);
}
