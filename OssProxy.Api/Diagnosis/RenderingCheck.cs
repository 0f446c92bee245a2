using OssProxy.Api.Rendering;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Api.Diagnosis;

/// <summary>Starts a worker as the server would, and tells what pictures are rendered with. Nothing here is a fault: the rest of the
/// product needs no library.</summary>
internal sealed class RenderingCheck(WorkerPool pool, Report report)
{
    private const string Title = "图片处理";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var engine = await pool.DescribeAsync(cancellationToken);
            report.Good(Title, EngineWords.Summary(engine));
            foreach (var missing in EngineWords.Missing(engine))
                report.Warn(Title, missing);
        }
        catch (ImageException failure) when (failure.Error == ImageError.EngineMissing)
        {
            report.Warn(Title, $"没有找到 libvips，图片请求会得到 501，其他功能不受影响。请安装（Debian/Ubuntu：{EngineWords.Install}），"
                + $"或用 Images:Library 指明路径。（{EngineWords.WhyNone(failure)}）");
        }
        catch (ImageException failure)
        {
            report.Warn(Title, $"处理进程无法启动：{(failure.InnerException ?? failure).Message}");
        }
    }
}
