using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary><c>watermark</c>: an image, a text or both become one mark of four bands, which is laid on the picture once or like
/// tiles.</summary>
internal sealed class WatermarkStep(VipsWorkshop workshop, RenderJob job, EngineReport report)
{
    /// <exception cref="ImageException">There is nothing to lay on it, or it cannot be drawn.</exception>
    public Picture Applied(Picture picture, Watermark mark)
    {
        if (mark.Opacity == 0)
            return picture;

        var image = mark.Image is { } wanted ? ImageOf(wanted, picture) : null;
        var text = mark.Text is null ? null : WatermarkText.Draw(workshop, mark, (long)picture.Width * picture.Height, report);
        var whole = (image, text) is ({ } first, { } second) ? Beside(mark, first, second) : image ?? text;
        if (whole is null)
            return picture;

        // It is read many times over when it is a tile, and may hang on a decoder.
        whole = workshop.Computed(Faded(whole, mark.Opacity));
        return picture with { Image = mark.Fill ? Tiled(picture, whole) : Placed(picture, whole, mark) };
    }

    private VipsImage ImageOf(WatermarkImage wanted, Picture main)
    {
        if (!job.Marks.TryGetValue(wanted.Key, out var bytes))
            throw Refusals.MarkMissing();
        if (SourceKinds.Sniff(bytes.Span) is null or SourceKind.Gif)
            throw Refusals.MarkUnusable();

        try
        {
            var source = SourcePicture.Open(workshop, bytes, job.Limits);
            var size = (main.Width, main.Height);
            var (picture, left) = new PictureDecoder(workshop, source, job.Limits, report, size).Decode(RenderPlan.Of(wanted));
            var worker = new PictureSteps(workshop, job.Limits);
            foreach (var step in left)
                picture = worker.Applied(picture, step, main: size);
            return Colours.WithAlpha(workshop, picture.Image);
        }
        catch (ImageException failure) when (failure.Error == ImageError.ImageDamaged)
        {
            throw Refusals.MarkUnusable(failure);
        }
    }

    private VipsImage Beside(Watermark mark, VipsImage image, VipsImage text)
    {
        var pair = Placement.Beside(mark, (image.Width, image.Height), (text.Width, text.Height));
        if ((long)pair.Width * pair.Height > job.Limits.ResultPixels)
            throw Refusals.MarkTooLarge();

        var canvas = workshop.Call("embed").With("in", image).With("x", pair.Image.Left).With("y", pair.Image.Top)
            .With("width", pair.Width).With("height", pair.Height)
            .With("extend", VipsEnums.ExtendBackground).With("background", 0, 0, 0, 0).Image();
        return workshop.Call("insert").With("main", canvas).With("sub", text).With("x", pair.Text.Left).With("y", pair.Text.Top).Image();
    }

    private VipsImage Faded(VipsImage mark, int opacity)
    {
        if (opacity == 100)
            return mark;

        var (colour, alpha) = Colours.Split(workshop, mark);
        var faded = workshop.Call("linear").With("in", alpha!).With("a", opacity / 100.0).With("b", 0).With("uchar", true).Image();
        return Colours.Joined(workshop, colour, faded);
    }

    /// <summary>Only what lies under the mark is mixed; the rest of the picture stays as it is.</summary>
    private VipsImage Placed(Picture picture, VipsImage whole, Watermark mark)
    {
        var (left, top) = Placement.Of(mark, whole.Width, whole.Height, picture.Width, picture.Height);
        var (fromX, fromY) = (Math.Max(left, 0), Math.Max(top, 0));
        var width = Math.Min((long)left + whole.Width, picture.Width) - fromX;
        var height = Math.Min((long)top + whole.Height, picture.Height) - fromY;
        if (width <= 0 || height <= 0)
            return picture.Image; // all of it lies outside

        var part = PictureSteps.Cut(workshop, whole, new Box(fromX - left, fromY - top, (int)width, (int)height));
        var ground = PictureSteps.Cut(workshop, picture.Image, new Box(fromX, fromY, (int)width, (int)height));
        return workshop.Call("insert").With("main", picture.Image).With("sub", Over(ground, part))
            .With("x", fromX).With("y", fromY).Image();
    }

    /// <summary>Tiles stand half their width and their own height apart: OSS's distances are not documented.</summary>
    private VipsImage Tiled(Picture picture, VipsImage whole)
    {
        var tile = workshop.Call("embed").With("in", whole).With("x", 0).With("y", 0)
            .With("width", whole.Width + (whole.Width / 2)).With("height", whole.Height * 2)
            .With("extend", VipsEnums.ExtendBackground).With("background", 0, 0, 0, 0).Image();
        var across = (picture.Width + tile.Width - 1) / tile.Width;
        var down = (picture.Height + tile.Height - 1) / tile.Height;
        var tiles = workshop.Call("replicate").With("in", tile).With("across", across).With("down", down).Image();
        return Over(picture.Image, PictureSteps.Cut(workshop, tiles, new Box(0, 0, picture.Width, picture.Height)));
    }

    private VipsImage Over(VipsImage ground, VipsImage mark)
    {
        var mixed = workshop.Call("composite2").With("base", ground).With("overlay", mark).With("mode", VipsEnums.BlendOver).Image();
        if (ground.Bands == 3)
            mixed = workshop.Call("extract_band").With("in", mixed).With("band", 0).With("n", 3).Image();
        return Colours.EightBit(workshop, mixed);
    }
}
