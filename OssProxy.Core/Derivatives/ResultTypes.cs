using System.Collections.Frozen;
using OssProxy.Core.Images;

namespace OssProxy.Core.Derivatives;

/// <summary>The media types that results have. Others are none of ours, whoever has put them where results lie.</summary>
public static class ResultTypes
{
    private static readonly FrozenSet<string> All = new[]
    {
        "image/jpeg", "image/png", "image/webp", "image/bmp", "image/gif", "image/tiff", "image/heic", "image/heif", "image/avif", "application/json",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The type by itself, in lower case; null when results have none like it.</summary>
    public static string? Of(string mediaType)
    {
        var plain = mediaType.Split(';')[0].Trim().ToLowerInvariant();
        return All.Contains(plain) ? plain : null;
    }

    /// <summary>What the name of a result ends with: a hint for people, because the format is known only when the result has been
    /// made.</summary>
    internal static string ExtensionOf(Recipe recipe) => recipe switch
    {
        { TellsOnly: true } => "json",
        { Format: ImageFormat.Source } => OfSource(recipe.Source.Value),
        _ => recipe.Format.Word(),
    };

    private static string OfSource(string key)
    {
        var dot = key.LastIndexOf('.');
        var extension = dot < 0 ? "" : key[(dot + 1)..].ToLowerInvariant();
        return extension is "jpg" or "jpeg" or "png" or "webp" or "bmp" or "gif" or "tif" or "tiff" or "avif" ? extension : "img";
    }
}
