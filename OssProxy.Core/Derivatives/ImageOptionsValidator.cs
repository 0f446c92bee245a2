using Microsoft.Extensions.Options;
using OssProxy.Core.Images;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Derivatives;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do. Looks at OSS's settings as they stand, right or
/// wrong: those have a validator of their own.</summary>
public sealed class ImageOptionsValidator(IEnumerable<IConfigureOptions<OssOptions>> oss) : IValidateOptions<ImageOptions>
{
    private const long GiB = 1L << 30;

    // Room for the longest name of a result within the longest key.
    private const int LongestPrefix = 160;

    private readonly List<IConfigureOptions<OssOptions>> _oss = [.. oss];

    public ValidateOptionsResult Validate(string? name, ImageOptions options)
    {
        var store = new OssOptions();
        _oss.ForEach(setup => setup.Configure(store));
        var faults = Check(options).Concat(CheckBucket(options, store)).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Check(ImageOptions options)
    {
        if (!IsPrefix(options.Prefix))
            yield return "Images:Prefix 只能由字母、数字、点、减号、下划线组成，可用 / 分层（每层不以点开头），例如 derived。";
        if (options.PublicBaseUrl.Length > 0 && !IsAddress(options.PublicBaseUrl))
            yield return "Images:PublicBaseUrl 必须是 http:// 或 https:// 开头的地址，不带参数，例如 https://img.example.com。";
        if (options.StyleSeparators.Any(c => c is not ('!' or '-' or '_' or '/')) || options.StyleSeparators.Distinct().Count() != options.StyleSeparators.Length)
            yield return "Images:StyleSeparators 只能由 !、-、_、/ 组成，各一次。";
        if (!ImageOptions.IsCacheControl(options.CacheControl))
            yield return "Images:CacheControl 必须是可见的 ASCII 字符，例如 public, max-age=31536000。";
        if ((options.AccessKeyId.Length == 0) != (options.AccessKeySecret.Length == 0))
            yield return "Images:AccessKeyId 和 Images:AccessKeySecret 必须同时填写，或都留空（用 OSS 的密钥）。";
        if (options.PerClient is < 1 or > 10_000)
            yield return "Images:PerClient 必须在 1 到 10000 之间。";
        if (options.SourceMemory < TimeSpan.Zero || options.SourceMemory > TimeSpan.FromHours(1))
            yield return "Images:SourceMemory 必须在 00:00:00 到 01:00:00 之间。";
        if (options.CacheBytes is < 0 or > 16 * GiB)
            yield return "Images:CacheBytes 必须在 0 到 17179869184 之间。";
        if (options.SourceBytesInFlight is < 1024 * 1024 or > 16 * GiB)
            yield return "Images:SourceBytesInFlight 必须在 1048576 到 17179869184 之间。";
        if (options.MaxStyles is < 1 or > 1000)
            yield return "Images:MaxStyles 必须在 1 到 1000 之间。";
        foreach (var fault in CheckProcesses(options))
            yield return fault;
    }

    private static IEnumerable<string> CheckBucket(ImageOptions options, OssOptions oss)
    {
        if (options.Bucket.Length == 0)
            yield break;
        if (!IsBucket(options.Bucket))
            yield return "Images:Bucket 必须是 3 到 63 个小写字母、数字和减号，不以减号开头或结尾。";
        if (options.Bucket == oss.Bucket)
            yield return "Images:Bucket 不能就是 Oss:Bucket：要把结果存在同一个 Bucket 里，请留空。";
        if (OssEndpoint.TryParse(oss.Endpoint, oss.Bucket, oss.Addressing, out var endpoint, out _) && endpoint.Style == OssAddressing.Cname)
            yield return "Images:Bucket 不能与自定义域名的 Oss:Endpoint 一起使用：该域名只绑定到一个 Bucket。请把 Oss:Endpoint 改为地域域名，或留空 Images:Bucket。";
    }

    private static IEnumerable<string> CheckProcesses(ImageOptions options)
    {
        foreach (var process in Recipes.ProcessesOf(options.Allowed))
        {
            if (FaultOf(process) is { } fault)
                yield return $"Images:Allowed 中的“{process}”无效：{fault}";
        }

        foreach (var (name, content) in options.Styles)
        {
            var accept = options.StyleAccept.TryGetValue(name, out var formats) ? formats : "";
            if (!ImageStyle.TryParse(name, content ?? "", accept ?? "", out _, out var fault))
                yield return $"Images:Styles:{name} 无效：{fault}。";
        }

        foreach (var name in options.StyleAccept.Keys.Where(name => !options.Styles.ContainsKey(name)))
            yield return $"Images:StyleAccept:{name} 没有对应的 Images:Styles:{name}；数据库里的样式在管理接口里设置 accept。";
        if (options.DefaultStyle.Length > 0 && !StyleName.TryParse(options.DefaultStyle, out _))
            yield return "Images:DefaultStyle 必须是样式的名称：1 到 63 个字母、数字、下划线、减号和点。";
    }

    private static string? FaultOf(string process)
    {
        try
        {
            Recipes.CanonicalOf(process);
            return null;
        }
        catch (ImageException failure)
        {
            return failure.Message;
        }
    }

    private static bool IsBucket(string text) =>
        text.Length is >= 3 and <= 63 && text[0] != '-' && text[^1] != '-' && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static bool IsPrefix(string text) => text.Length is >= 1 and <= LongestPrefix && text.Split('/').All(
        segment => segment.Length > 0 && segment[0] != '.' && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'));

    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0;
}
