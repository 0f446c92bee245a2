using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using OssProxy.Core.Images;

namespace OssProxy.Core.Derivatives;

/// <summary>A process under a name.</summary>
/// <param name="Content">As it was written.</param>
/// <param name="Process">What it means.</param>
/// <param name="Accept">Formats that a client may choose by <c>Accept</c>, the preferred one first; empty for none.</param>
public sealed record ImageStyle(StyleName Name, string Content, ImageProcess Process, ImmutableArray<ImageFormat> Accept)
{
    /// <summary>Whether it stands in the configuration, and so can be changed only there.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>Null where it stands in the configuration.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Likewise.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The accepted formats as they are written: <c>avif,webp</c>.</summary>
    public string AcceptText => string.Join(',', Accept.Select(format => format.Word()));

    /// <summary>Whether the answer depends on the <c>Accept</c> of the request: who names a format has chosen already, and JSON has
    /// none.</summary>
    public bool Negotiates => !Accept.IsEmpty && !Process.Actions.Any(action => action is Format or Info or AverageHue);

    /// <summary>Reads a style; false with what is wrong, in Chinese.</summary>
    /// <param name="content">One <c>image/…</c>. What OSS refuses in styles is refused here as well (EC 0040-00000602).</param>
    /// <param name="accept">Formats separated by commas; empty for none.</param>
    public static bool TryParse(
        string name, string content, string accept, [NotNullWhen(true)] out ImageStyle? style, [NotNullWhen(false)] out string? fault)
    {
        style = null;
        if (!StyleName.TryParse(name, out var parsedName))
        {
            fault = $"样式名“{name}”无效：只能是 1 到 63 个字母、数字、下划线、减号和点";
            return false;
        }

        if (content.IndexOfAny([';', ' ', '(', ')', '\'', '*', '?']) >= 0)
        {
            fault = "样式内容不能含有 ; ( ) ' * ? 和空格";
            return false;
        }

        if (FormatsOf(accept) is not { } formats)
        {
            fault = "accept 只能是 avif 和 webp，用逗号分隔，各一次";
            return false;
        }

        try
        {
            var parsed = ProcessString.Parse(content);
            if (parsed.Image is not { } process || parsed.SaveAs is not null)
            {
                fault = "样式内容必须是一条以 image/ 开头的图片处理指令";
                return false;
            }

            (style, fault) = (new ImageStyle(parsedName, content, process, formats), null);
            return true;
        }
        catch (ImageException failure)
        {
            fault = $"样式内容无效：{failure.Message}";
            return false;
        }
    }

    private static ImmutableArray<ImageFormat>? FormatsOf(string accept)
    {
        var formats = accept.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name switch { "avif" => ImageFormat.Avif, "webp" => ImageFormat.WebP, _ => ImageFormat.Source })
            .ToImmutableArray();
        return formats.Contains(ImageFormat.Source) || formats.Distinct().Count() != formats.Length ? null : formats;
    }
}
