using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>The actions that make a picture of a picture. Sizes come from <see cref="Placement"/>; here is only how.</summary>
internal sealed class PictureSteps(VipsWorkshop workshop, RenderLimits limits)
{
    // Of what a fill is cut from; only ever computed where it is cut.
    private const int OverCut = 16;

    /// <summary>Whether an action leaves a picture of this size as it is.</summary>
    public static bool IsIdle(ImageAction step, int width, int height, bool animated, (int Width, int Height)? main = null) => step switch
    {
        // An animation is never enlarged.
        Resize resize => Placement.Of(resize, width, height, main) is var plan
            && (plan.Unchanged || (animated && (plan.Width > width || plan.Height > height))),
        Crop crop => Placement.Of(crop, width, height) == new Box(0, 0, width, height),
        IndexCrop crop => Placement.Of(crop, width, height) == new Box(0, 0, width, height),
        Rotate rotate => rotate.Degrees % 360 == 0,
        Bright bright => bright.Amount == 0,
        Contrast contrast => contrast.Amount == 0,
        Watermark mark => mark.Opacity == 0,
        _ => false,
    };

    public Picture Applied(Picture picture, ImageAction step, int frames = 1, (int Width, int Height)? main = null)
    {
        switch (step)
        {
            case Resize resize:
                var plan = Placement.Of(resize, picture.Width, picture.Height, main);
                if (plan.Unchanged)
                    return picture;
                Check(plan, limits, frames);
                return Fitted(new Picture(Scaled(workshop, picture.Image, plan.Width, plan.Height)), plan, resize.Color);
            case Crop crop:
                return new Picture(Cut(workshop, picture.Image, Placement.Of(crop, picture.Width, picture.Height)));
            case IndexCrop crop:
                return new Picture(Cut(workshop, picture.Image, Placement.Of(crop, picture.Width, picture.Height)));
            case Circle circle:
                var (square, radius) = Placement.Of(circle, picture.Width, picture.Height);
                return new Picture(Masked(Cut(workshop, picture.Image, square), Masks.Circle(square.Width, radius)));
            case RoundedCorners corners:
                return new Picture(Masked(picture.Image, Masks.RoundedCorners(
                    picture.Width, picture.Height, Placement.Of(corners, picture.Width, picture.Height))));
            case Rotate rotate:
                return new Picture(Rotated(picture, rotate.Degrees % 360));
            case Blur or Bright or Contrast or Sharpen:
                return new Picture(Effects.Applied(workshop, picture.Image, step));
            default:
                throw new ArgumentOutOfRangeException(nameof(step), step, "Not an action on pixels.");
        }
    }

    /// <summary>Whether what a <c>resize</c> makes is within the limits.</summary>
    /// <exception cref="ImageException">It is not.</exception>
    public static void Check(ResizePlan plan, RenderLimits limits, int frames = 1)
    {
        var (width, height) = plan.Result;
        var isTooLarge = Math.Max(width, height) > limits.ResultSide
            || (long)width * height * frames > limits.ResultPixels
            || (!plan.Unchanged && (long)plan.Width * plan.Height > limits.ResultPixels * OverCut);
        if (isTooLarge && !plan.Unchanged)
            throw Refusals.ResultTooLarge(limits.ResultSide, limits.ResultPixels);
    }

    /// <summary>Whether a result is within the limits, before it is computed and written. What no action has made another size may be as
    /// large as its source, lying or standing: OSS converts those too.</summary>
    /// <exception cref="ImageException">It is not.</exception>
    public static void Check(Picture picture, SourcePicture source, RenderLimits limits)
    {
        var (width, height) = (picture.Width, picture.Height);
        if ((width, height) == (source.Width, source.Height) || (height, width) == (source.Width, source.Height))
            return;
        if (Math.Max(width, height) > limits.ResultSide || (long)width * height * picture.Frames > limits.ResultPixels)
            throw Refusals.ResultTooLarge(limits.ResultSide, limits.ResultPixels);
    }

    /// <summary>Scaled to exactly this size.</summary>
    public static VipsImage Scaled(VipsWorkshop workshop, VipsImage image, int width, int height) =>
        (image.Width, image.Height) == (width, height)
            ? image
            : workshop.Call("thumbnail_image").With("in", image).With("width", width).With("height", height)
                .With("size", VipsEnums.SizeForce).With("no-rotate", true).Image();

    public static VipsImage Cut(VipsWorkshop workshop, VipsImage image, Box box) =>
        (box.Left, box.Top, box.Width, box.Height) == (0, 0, image.Width, image.Height)
            ? image
            : workshop.Call("extract_area").With("input", image).With("left", box.Left).With("top", box.Top)
                .With("width", box.Width).With("height", box.Height).Image();

    /// <summary>Turned and mirrored by EXIF's number; the picture must lie in memory.</summary>
    public static VipsImage Upright(VipsWorkshop workshop, VipsImage image, int orientation)
    {
        // Stored, then what makes it upright: 2 mirrored, 3 upside down, 4 both, 5–8 the same for pictures on their side (Exif 2.32,
        // 4.6.4 A).
        var (turns, mirror) = orientation switch
        {
            2 => (0, true),
            3 => (2, false),
            4 => (2, true),
            5 => (1, true),
            6 => (1, false),
            7 => (3, true),
            8 => (3, false),
            _ => (0, false),
        };
        if (turns != 0)
            image = workshop.Call("rot").With("in", image).With("angle", turns).Image();
        return mirror ? workshop.Call("flip").With("in", image).With("direction", 0).Image() : image;
    }

    /// <summary>Without what says that it is a strip of frames.</summary>
    public static VipsImage AsOneFrame(VipsWorkshop workshop, VipsImage image)
    {
        var copy = workshop.Call("copy").With("in", image).Image();
        copy.Remove("page-height");
        copy.Remove("n-pages");
        return copy;
    }

    /// <summary>What follows the scaling: cut to the box, or laid on the canvas.</summary>
    public Picture Fitted(Picture scaled, ResizePlan plan, Rgb color)
    {
        if (plan.Cut is { } cut)
            return scaled with { Image = Cut(workshop, scaled.Image, cut) };

        return plan.Canvas is { } canvas ? scaled with { Image = OnCanvas(scaled.Image, canvas, color) } : scaled;
    }

    private VipsImage OnCanvas(VipsImage image, Box canvas, Rgb color)
    {
        image = Colours.ToSrgb(workshop, image, byProfile: false);
        double[] background = image.Bands == 4 ? [color.Red, color.Green, color.Blue, 255] : [color.Red, color.Green, color.Blue];
        return workshop.Call("embed").With("in", image).With("x", canvas.Left).With("y", canvas.Top)
            .With("width", canvas.Width).With("height", canvas.Height)
            .With("extend", VipsEnums.ExtendBackground).With("background", background).Image();
    }

    private VipsImage Masked(VipsImage image, Mask mask)
    {
        var (colour, alpha) = Colours.Split(workshop, image);
        var shape = workshop.FromPixels(mask.Pixels, mask.Width, mask.Height, 1);
        if (alpha is not null)
        {
            var product = workshop.Call("multiply").With("left", alpha).With("right", shape).Image();
            shape = workshop.Call("linear").With("in", product).With("a", 1 / 255.0).With("b", 0).With("uchar", true).Image();
        }

        return Colours.Joined(workshop, colour, shape);
    }

    private VipsImage Rotated(Picture picture, int degrees)
    {
        if (degrees == 0)
            return picture.Image;
        if (Math.Max(picture.Width, picture.Height) > limits.RotateSide)
            throw Refusals.TooLargeToRotate();
        if (degrees % 90 == 0)
            return workshop.Call("rot").With("in", picture.Image).With("angle", degrees / 90).Image();

        return Turned(workshop, picture.Image, degrees);
    }

    /// <summary>Turned by any angle, on what is transparent. Colours are multiplied by their opacity meanwhile, or the edges would be
    /// dark.</summary>
    public static VipsImage Turned(VipsWorkshop workshop, VipsImage image, int degrees)
    {
        var multiplied = workshop.Call("premultiply").With("in", Colours.WithAlpha(workshop, image)).Image();
        var turned = workshop.Call("rotate").With("in", multiplied).With("angle", degrees).With("background", 0, 0, 0, 0).Image();
        return Colours.EightBit(workshop, workshop.Call("unpremultiply").With("in", turned).Image());
    }
}
