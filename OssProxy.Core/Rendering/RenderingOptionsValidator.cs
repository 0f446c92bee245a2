using Microsoft.Extensions.Options;

namespace OssProxy.Core.Rendering;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class RenderingOptionsValidator : IValidateOptions<RenderingOptions>
{
    public ValidateOptionsResult Validate(string? name, RenderingOptions options)
    {
        var wrong = new List<string>();
        Check(wrong, nameof(options.Workers), options.Workers, 0, 64, "；0 表示与 CPU 核数相同");
        Check(wrong, nameof(options.QueueLength), options.QueueLength, 0, 10_000);
        Check(wrong, nameof(options.QueueTimeout), options.QueueTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(wrong, nameof(options.RenderTimeout), options.RenderTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        Check(wrong, nameof(options.WorkerMemoryBytes), options.WorkerMemoryBytes, 256L << 20, 64L << 30);
        Check(wrong, nameof(options.WorkerJobs), options.WorkerJobs, 1, 1_000_000);
        Check(wrong, nameof(options.WorkerIdle), options.WorkerIdle, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(wrong, nameof(options.PoisonTime), options.PoisonTime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        Check(wrong, nameof(options.MaxSourceBytes), options.MaxSourceBytes, 1, 256 << 20);
        Check(wrong, nameof(options.MaxSourcePixels), options.MaxSourcePixels, 1, 250_000_000);
        Check(wrong, nameof(options.MaxSourceSide), options.MaxSourceSide, 1, 30_000);
        Check(wrong, nameof(options.MaxFrames), options.MaxFrames, 1, 10_000);
        Check(wrong, nameof(options.MaxResultPixels), options.MaxResultPixels, 1, 16_777_216);
        Check(wrong, nameof(options.MaxResultSide), options.MaxResultSide, 1, 16_384);
        Check(wrong, nameof(options.WatermarkImages), options.WatermarkImages, 0, 6);
        if (options.Library.Length > 0 && !File.Exists(options.Library))
            wrong.Add($"{RenderingOptions.Section}:Library 指向的文件“{options.Library}”不存在；请改正路径，或留空自动查找。");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Check(List<string> wrong, string key, long value, long least, long most, string more = "")
    {
        if (value < least || value > most)
            wrong.Add($"{RenderingOptions.Section}:{key} 必须在 {least} 到 {most} 之间{more}。");
    }

    private static void Check(List<string> wrong, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            wrong.Add($"{RenderingOptions.Section}:{key} 必须在 {least:c} 到 {most:c} 之间。");
    }
}
