using System.Collections.Immutable;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>
/// Makes pixels of a source, and does the first steps while it reads: what is cut off at once is never kept, and a decoder that can
/// shrink reads only as much as the first <c>resize</c> needs. The result lies in memory, so that a failure up to here is the source's,
/// and none after it is.
/// </summary>
/// <param name="main">The picture for which this one is a watermark; null for none.</param>
internal sealed class PictureDecoder(
    VipsWorkshop workshop, SourcePicture source, RenderLimits limits, EngineReport report, (int Width, int Height)? main = null)
{
    /// <summary>Decodes, turns upright if wanted, and returns the steps that are left.</summary>
    /// <exception cref="ImageException">The source is damaged, or a step asks for too much.</exception>
    public (Picture Picture, ImmutableArray<ImageAction> Left) Decode(RenderPlan plan)
    {
        if (plan.Animated)
            return (DecodeFrames(plan.Steps), []);

        var turn = plan.Upright ? source.Orientation : 1;
        var (width, height) = turn >= 5 ? (source.Height, source.Width) : (source.Width, source.Height);
        var steps = plan.Steps;
        while (steps is [Resize idle, ..] && PictureSteps.IsIdle(idle, width, height, animated: false, main))
            steps = steps.RemoveAt(0);

        var (box, resize, color) = (default(Box?), default(ResizePlan), Rgb.White);
        if (turn == 1 && steps is [Crop crop, ..])
        {
            box = Placement.Of(crop, width, height);
            steps = steps.RemoveAt(0);
        }

        if (box is null && steps is [Resize first, ..])
        {
            resize = Placement.Of(first, width, height, main);
            PictureSteps.Check(resize, limits);
            color = first.Color;

            // Enlarged beside its own turning it would lie in memory larger than it need ever be.
            if (turn != 1 && resize.Width * (long)resize.Height > width * (long)height)
                resize = null;
            else
                steps = steps.RemoveAt(0);
        }

        var picture = new Picture(Read(new Reading(box, resize, color, turn)));
        if (turn == 1)
            return (picture, steps);

        picture = picture with { Image = PictureSteps.Upright(workshop, picture.Image, turn) };
        return (resize is null ? picture : new PictureSteps(workshop, limits).Fitted(picture, resize, color), steps);
    }

    /// <summary>A small picture of it, at most 128 pixels long.</summary>
    public Picture Miniature()
    {
        var plan = Placement.Of(new Resize { LongSide = 128 }, source.Width, source.Height);
        return new Picture(Read(new Reading(null, plan, Rgb.White, Turn: 1)));
    }

    private VipsImage Read(Reading reading)
    {
        try
        {
            return Read(reading, source.HasProfile);
        }
        catch (VipsException failure) when (!source.HasProfile)
        {
            throw Refusal(failure);
        }
        catch (VipsException)
        {
            // A profile that is damaged is no reason to show nothing; a damaged picture fails again.
            try
            {
                return Read(reading, byProfile: false);
            }
            catch (VipsException failure)
            {
                throw Refusal(failure);
            }
        }
    }

    private ImageException Refusal(VipsException failure)
    {
        var decodes = report.Reads.Contains(source.Kind.Word(), StringComparer.Ordinal);
        return decodes ? Refusals.Damaged(source.Kind, failure) : Refusals.NoDecoder(source.Kind, failure);
    }

    private VipsImage Read(Reading reading, bool byProfile)
    {
        var (box, resize, color, turn) = reading;
        var image = source.Decode(allFrames: false, resize is null ? 1 : Shrink(resize, turn));
        var isPrint = image.Interpretation == VipsEnums.InterpretationCmyk;
        if (box is { } cut)
            image = PictureSteps.Cut(workshop, image, cut);
        if (isPrint)
            image = Colours.FromPrint(workshop, image, byProfile);
        if (resize is not null)
        {
            var (width, height) = turn >= 5 ? (resize.Height, resize.Width) : (resize.Width, resize.Height);
            image = PictureSteps.Scaled(workshop, image, width, height);
            if (turn == 1)
                image = new PictureSteps(workshop, limits).Fitted(new Picture(image), resize, color).Image;
        }

        // After the scaling: what a profile costs is by the pixel.
        return workshop.Computed(Colours.ToSrgb(workshop, image, byProfile && !isPrint));
    }

    /// <summary>By how much the decoder may shrink, so that what comes out is still no smaller than what is wanted.</summary>
    private double Shrink(ResizePlan resize, int turn)
    {
        var (width, height) = turn >= 5 ? (resize.Height, resize.Width) : (resize.Width, resize.Height);
        var most = Math.Min((double)source.Width / width, (double)source.Height / height);
        return source.Kind switch
        {
            SourceKind.Jpeg => most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1,
            SourceKind.WebP => Math.Max(1, most),
            _ => 1,
        };
    }

    /// <summary>Every frame by itself: scaled as one, neighbouring frames would run into each other at their edges.</summary>
    private Picture DecodeFrames(ImmutableArray<ImageAction> steps)
    {
        VipsImage strip;
        try
        {
            strip = workshop.Computed(Colours.ToSrgb(workshop, source.Decode(allFrames: true), byProfile: false));
        }
        catch (VipsException failure)
        {
            throw Refusal(failure);
        }

        var frames = strip.Height / source.Height;
        var worker = new PictureSteps(workshop, limits);
        if (steps.All(step => PictureSteps.IsIdle(step, source.Width, source.Height, animated: true)))
            return new Picture(strip, frames);

        // Not libvips's arrayjoin: that of 8.14 crashed with one column.
        using var pixels = new MemoryStream();
        var picture = new Picture(strip, frames);
        for (var frame = 0; frame < frames; frame++)
        {
            var cut = PictureSteps.Cut(workshop, strip, new Box(0, frame * source.Height, source.Width, source.Height));
            picture = new Picture(PictureSteps.AsOneFrame(workshop, cut));
            foreach (var step in steps)
            {
                if (!PictureSteps.IsIdle(step, picture.Width, picture.Height, animated: true))
                    picture = worker.Applied(picture, step, frames);
            }

            pixels.Write(picture.Image.Pixels());
        }

        var joined = workshop.FromPixels(
            pixels.GetBuffer().AsSpan(0, (int)pixels.Length), picture.Width, picture.Height * frames, picture.Image.Bands);
        foreach (var timing in (string[])["delay", "loop"])
            joined.Set(timing, strip);
        return new Picture(joined, frames);
    }

    /// <summary>What is done while reading. With a turn to come, sizes are swapped, and cutting to a box or laying on a canvas waits for
    /// it.</summary>
    private sealed record Reading(Box? Box, ResizePlan? Resize, Rgb Color, int Turn);
}
