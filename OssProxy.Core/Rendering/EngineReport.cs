using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>What the library that was found can do.</summary>
/// <param name="Library">Its file.</param>
/// <param name="Version">Its version, such as 8.14.1.</param>
/// <param name="Reads">The formats it can read, in OSS's words; BMP is ours and always there.</param>
/// <param name="Writes">The formats it can write.</param>
/// <param name="DecodesHeic">Whether a HEIC picture was decoded, really.</param>
/// <param name="RendersText">Whether text can be drawn at all.</param>
/// <param name="RendersChinese">Whether there is a font with Chinese characters.</param>
public sealed record EngineReport(
    string Library,
    string Version,
    IReadOnlyList<string> Reads,
    IReadOnlyList<ImageFormat> Writes,
    bool DecodesHeic,
    bool RendersText,
    bool RendersChinese)
{
    internal static EngineReport Of(VipsLibrary library)
    {
        var heic = EngineProbes.Decodes(EngineProbes.Heic);
        var avif = EngineProbes.Decodes(EngineProbes.Avif);
        List<string> reads = ["bmp"];
        foreach (var kind in (SourceKind[])[SourceKind.Jpeg, SourceKind.Png, SourceKind.Gif, SourceKind.WebP, SourceKind.Tiff])
        {
            if (Has(kind.Loader()!))
                reads.Add(kind.Word());
        }

        if (heic)
            reads.Add("heic");
        if (avif)
            reads.Add("avif");

        List<ImageFormat> writes = [ImageFormat.Bmp];
        writes.AddRange(Savers.Where(saver => Has(saver.Nickname)).Select(saver => saver.Format));
        if (EngineProbes.Encodes(VipsEnums.HeifHevc))
            writes.Add(ImageFormat.Heic);
        if (EngineProbes.Encodes(VipsEnums.HeifAv1))
            writes.Add(ImageFormat.Avif);

        var version = string.Join('.', Enumerable.Range(0, 3).Select(VipsNative.vips_version));
        return new EngineReport(
            library.Path, version, reads, writes, heic, EngineProbes.Draws("-"), EngineProbes.Draws("一"));
    }

    private static readonly (ImageFormat Format, string Nickname)[] Savers =
    [
        (ImageFormat.Jpeg, "jpegsave_target"), (ImageFormat.Png, "pngsave_target"), (ImageFormat.WebP, "webpsave_target"),
        (ImageFormat.Gif, "gifsave_target"), (ImageFormat.Tiff, "tiffsave_target"),
    ];

    private static bool Has(string operation) => VipsNative.vips_type_find("VipsOperation", operation) != 0;
}
