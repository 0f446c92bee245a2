using Microsoft.Extensions.Options;

namespace OssProxy.Core.Videos;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class VideoOptionsValidator : IValidateOptions<VideoOptions>
{
    private const long LargestVideo = 5L * 1024 * 1024 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, VideoOptions options)
    {
        var wrong = new List<string>();
        if (options.Ffmpeg.Length > 0 && !Path.IsPathRooted(options.Ffmpeg))
            wrong.Add("Videos:Ffmpeg 必须是 ffmpeg 的绝对路径，例如 /usr/bin/ffmpeg；留空则在 PATH 中查找。");
        Check(wrong, "Videos:Workers", options.Workers, 1, 16);
        Check(wrong, "Videos:Queue", options.Queue, 0, 1000);
        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromMinutes(10))
            wrong.Add("Videos:Timeout 必须在 1 秒到 10 分钟之间，例如 00:00:20。");
        Check(wrong, "Videos:MaxBytes", options.MaxBytes, 1 << 20, LargestVideo);
        Check(wrong, "Videos:MemoryBytes", options.MemoryBytes, 256 << 20, 64L << 30);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Check(List<string> wrong, string key, long value, long least, long most)
    {
        if (value < least || value > most)
            wrong.Add($"{key} 必须在 {least} 到 {most} 之间。");
    }
}
