using OssProxy.Core.Images;
using OssProxy.Core.Rendering;

namespace OssProxy.Api.Rendering;

/// <summary>What is said of an engine: to the operator in Chinese, by <c>doctor</c>.</summary>
internal static class EngineWords
{
    /// <summary>What to do where there is no library.</summary>
    public const string Install = "apt-get install libvips42";

    /// <summary>Why there is none, with what was tried.</summary>
    public static string WhyNone(ImageException missing) =>
        missing.GetBaseException() is var cause && cause.Message != missing.Message ? $"{missing.Message} {cause.Message}" : missing.Message;

    /// <summary>Which library it is and what it can do.</summary>
    public static string Summary(EngineReport report) =>
        $"libvips {report.Version}（{report.Library}），可读 {string.Join('、', report.Reads)}，可写 {string.Join('、', Written(report))}";

    /// <summary>What would be expected of it and is not there, a sentence each.</summary>
    public static IEnumerable<string> Missing(EngineReport report)
    {
        if (!report.DecodesHeic)
            yield return "不能读取 HEIC（iPhone 照片）：请安装系统的 libvips42 和 libheif1（1.18 以上才能读 iPhone 15 及以后的照片）。";
        if (!report.RendersText)
            yield return "不能绘制文字水印：请安装字体（Debian/Ubuntu：apt-get install fontconfig fonts-wqy-zenhei）。";
        else if (!report.RendersChinese)
            yield return "没有中文字体，中文文字水印会被拒绝：请安装字体（Debian/Ubuntu：apt-get install fonts-wqy-zenhei）。";
    }

    /// <summary>The formats of results in OSS's words.</summary>
    public static IEnumerable<string> Written(EngineReport report) => report.Writes.Select(format => format.Word());
}
