using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Bmp;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>Writes results. Nothing of the source's metadata goes along, where somebody was and with what camera least of all; only how a
/// picture is to be turned, where it was asked not to be turned here.</summary>
internal sealed class PictureEncoder(VipsWorkshop workshop)
{
    // More than 2 doubles the CPU of every step and saves a few percent.
    private const int AvifEffort = 2;

    /// <exception cref="ImageException">The format cannot hold it.</exception>
    public RenderResult Encode(Picture picture, SourcePicture source, RenderPlan plan)
    {
        var format = plan.Format;
        if (!format.Holds(picture.Width, picture.Height))
            throw format == ImageFormat.WebP ? Refusals.WebPTooLarge() : Refusals.AvifTooLarge(ResultFormats.AvifPixels);

        var image = format.HoldsAlpha() ? picture.Image : Colours.OnWhite(workshop, picture.Image);
        var keepsTurn = !plan.Upright && source.Orientation != 1 && picture.Frames == 1;
        image = Labelled(image, picture, keepsTurn ? source.Orientation : 0);
        return new RenderResult
        {
            Content = format == ImageFormat.Bmp ? Bmp(image) : Saved(image, source, plan, keepsTurn),
            MediaType = format.MediaType(),
            Width = picture.Width,
            Height = picture.Height,
            Frames = picture.Frames,
        };
    }

    private byte[] Saved(VipsImage image, SourcePicture source, RenderPlan plan, bool keepsTurn)
    {
        var quality = OutputQuality.Of(
            plan.Quality, plan.Format, source.Kind == SourceKind.Jpeg ? JpegQuality.Estimate(source.Content.Span) : null);
        var save = plan.Format switch
        {
            ImageFormat.Jpeg => Save("jpegsave_target", image).With("Q", quality!.Value).With("optimize-coding", true)
                .With("interlace", plan.Interlace),
            ImageFormat.WebP => Save("webpsave_target", image).With("Q", quality!.Value),
            ImageFormat.Png => Save("pngsave_target", image),
            ImageFormat.Gif => Save("gifsave_target", image),
            ImageFormat.Tiff => Save("tiffsave_target", image).With("compression", VipsEnums.TiffLzw)
                .With("predictor", VipsEnums.TiffPredictorHorizontal),
            _ => Save("heifsave_target", image).With("Q", quality!.Value).With("effort", AvifEffort).With("bitdepth", 8)
                .With("compression", plan.Format == ImageFormat.Avif ? VipsEnums.HeifAv1 : VipsEnums.HeifHevc),
        };

        // Since 8.15 it is told what to keep, before that whether to strip.
        save = save.Knows("keep")
            ? save.With("keep", keepsTurn ? VipsEnums.KeepExif : VipsEnums.KeepNothing)
            : save.With("strip", !keepsTurn);
        return workshop.Saved(save);
    }

    private VipsCall Save(string nickname, VipsImage image) => workshop.Call(nickname).With("in", image);

    private static byte[] Bmp(VipsImage image) =>
        BmpWriter.Write(new BmpPicture(image.Width, image.Height, image.Bands, image.Pixels()));

    /// <summary>A copy that says of itself only what results may say. The savers make EXIF of every field that begins so.</summary>
    private VipsImage Labelled(VipsImage image, Picture picture, int orientation)
    {
        var copy = workshop.Call("copy").With("in", image).Image();
        foreach (var field in copy.Fields())
        {
            if (field is "orientation" or "page-height" or "n-pages" or "gif-palette"
                || field.StartsWith("exif-", StringComparison.Ordinal)
                || field.EndsWith("-data", StringComparison.Ordinal)
                || field.Contains("comment", StringComparison.Ordinal))
            {
                copy.Remove(field);
            }
        }

        if (picture.Frames > 1)
        {
            copy.Set("page-height", picture.Height);
            copy.Set("n-pages", picture.Frames);
        }

        if (orientation > 1)
            copy.Set("orientation", orientation);
        return copy;
    }
}
