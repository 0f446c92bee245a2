using System.Collections.Frozen;

namespace OssProxy.Core.Images;

/// <summary>The fonts that a watermark may name, and what stands in for them. Those of Fangzheng are not free and are never shipped;
/// the families are those of Debian's packages fonts-wqy-zenhei, fonts-wqy-microhei, fonts-arphic-uming, fonts-arphic-ukai and
/// fonts-droid-fallback, and where one is missing the next in the list, as Pango reads a list, takes its place.</summary>
public static class WatermarkFonts
{
    /// <summary>The font of a text that names none.</summary>
    public const string Default = "wqy-zenhei";

    private static readonly FrozenDictionary<string, string> FamiliesByName = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Default] = "WenQuanYi Zen Hei, WenQuanYi Micro Hei, Noto Sans CJK SC, sans-serif",
        ["wqy-microhei"] = "WenQuanYi Micro Hei, WenQuanYi Zen Hei, Noto Sans CJK SC, sans-serif",
        ["fangzhengshusong"] = "AR PL UMing CN, Noto Serif CJK SC, WenQuanYi Zen Hei, serif",
        ["fangzhengkaiti"] = "AR PL UKai CN, AR PL UMing CN, WenQuanYi Zen Hei, serif",
        ["fangzhengheiti"] = "WenQuanYi Zen Hei, Noto Sans CJK SC, WenQuanYi Micro Hei, sans-serif",
        ["fangzhengfangsong"] = "AR PL UMing CN, Noto Serif CJK SC, WenQuanYi Zen Hei, serif",
        ["droidsansfallback"] = "Droid Sans Fallback, WenQuanYi Micro Hei, WenQuanYi Zen Hei, sans-serif",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names, as OSS spells them.</summary>
    public static IEnumerable<string> Names => FamiliesByName.Keys;

    /// <summary>Whether OSS has a font of this name; upper and lower case differ.</summary>
    public static bool Contains(string name) => FamiliesByName.ContainsKey(name);

    /// <summary>The families that stand in for a font, the best first, separated by commas: what Pango takes in front of a size.</summary>
    /// <exception cref="KeyNotFoundException">There is no such font.</exception>
    public static string Families(string name) => FamiliesByName[name];
}
