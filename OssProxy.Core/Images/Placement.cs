namespace OssProxy.Core.Images;

/// <summary>A rectangle in pixels.</summary>
public readonly record struct Box(int Left, int Top, int Width, int Height);

/// <summary>What <c>resize</c> does to a picture of a given size: scaled first, then cut or laid on a canvas.</summary>
/// <param name="Unchanged">Nothing is done at all.</param>
/// <param name="Width">Pixels after scaling, from 1.</param>
/// <param name="Height">Likewise.</param>
/// <param name="Cut">What is cut out of the scaled picture; null for all of it.</param>
/// <param name="Canvas">The canvas on which the scaled picture is laid: its size, and where the picture's left upper corner comes to lie;
/// null for none.</param>
public sealed record ResizePlan(bool Unchanged, int Width, int Height, Box? Cut, Box? Canvas)
{
    /// <summary>The size of what comes out.</summary>
    public (int Width, int Height) Result =>
        Cut is { } cut ? (cut.Width, cut.Height) : Canvas is { } canvas ? (canvas.Width, canvas.Height) : (Width, Height);
}

/// <summary>An image and a text side by side, as one mark.</summary>
/// <param name="Width">Pixels of both together, with what is between them.</param>
/// <param name="Height">Pixels of the higher one.</param>
/// <param name="Image">Where the image lies in it.</param>
/// <param name="Text">Where the text lies in it.</param>
public sealed record MarkPair(int Width, int Height, Box Image, Box Text);

/// <summary>The arithmetic of sizes: what an action makes of a picture of a given size. Pure; the only place where it stands. Knows no
/// limits: a side that would be longer than an <see cref="int"/> can say is as long as one can say, which is beyond every limit.</summary>
public static class Placement
{
    /// <summary>What <c>resize</c> does (decimals are rounded half up, the least side is 1).</summary>
    /// <param name="main">The main picture, for <see cref="Resize.PercentOfMain"/>; null outside watermarks.</param>
    public static ResizePlan Of(Resize resize, int width, int height, (int Width, int Height)? main = null)
    {
        if (resize.Percent is { } percent && Target(resize, width, height) is (null, null))
            return Scaled(width, height, Ratio(width, percent, 100), Ratio(height, percent, 100));

        var (boxWidth, boxHeight) = resize.PercentOfMain is { } share
            ? main is { } whole
                ? (Ratio(whole.Width, share, 100), Ratio(whole.Height, share, 100))
                : throw new ArgumentException("A percentage of the main picture needs one.", nameof(main))
            : Target(resize, width, height);

        return (boxWidth, boxHeight) switch
        {
            (null, null) => new ResizePlan(Unchanged: true, width, height, Cut: null, Canvas: null),
            ({ } w, { } h) => Fitted(resize, width, height, w, h),
            var (w, h) when resize.Mode is ResizeMode.Lfit or ResizeMode.Mfit => Proportional(resize, width, height, w, h),
            // The other modes need a box: the side that is missing takes the value of the one that is there.
            var (w, h) => Fitted(resize, width, height, (w ?? h)!.Value, (h ?? w)!.Value),
        };
    }

    /// <summary>What <c>crop</c> cuts out.</summary>
    /// <exception cref="ImageException">It begins outside the picture.</exception>
    public static Box Of(Crop crop, int width, int height)
    {
        var cutWidth = crop.Width is > 0 and { } w ? Math.Min(w, width) : width;
        var cutHeight = crop.Height is > 0 and { } h ? Math.Min(h, height) : height;
        var left = Origin(Across(crop.Gravity), width, cutWidth) + crop.X;
        var top = Origin(Down(crop.Gravity), height, cutHeight) + crop.Y;
        if (left < 0 || top < 0 || left >= width || top >= height)
            throw new ImageException(ImageError.ProcessRefused, "BadRequest", "Advance cut's position is out of image.");

        return new Box((int)left, (int)top, (int)Math.Min(cutWidth, width - left), (int)Math.Min(cutHeight, height - top));
    }

    /// <summary>What <c>indexcrop</c> cuts out; all of it when there is no such slice. The last slice is as long as what is left.</summary>
    public static Box Of(IndexCrop crop, int width, int height)
    {
        var side = crop.Vertical ? height : width;
        var start = (long)crop.Length * crop.Index;
        if (start >= side)
            return new Box(0, 0, width, height);

        var length = (int)Math.Min(crop.Length, side - start);
        return crop.Vertical ? new Box(0, (int)start, width, length) : new Box((int)start, 0, length, height);
    }

    /// <summary>The square that <c>circle</c> leaves, and the radius that it really has: a side is twice the radius and the middle pixel
    /// (manual of 2023), so the largest radius is (short side - 1) / 2.</summary>
    public static (Box Square, int Radius) Of(Circle circle, int width, int height)
    {
        var radius = Math.Min(circle.Radius, (Math.Min(width, height) - 1) / 2);
        var side = (2 * radius) + 1;
        return (new Box((width - side) / 2, (height - side) / 2, side, side), radius);
    }

    /// <summary>The radius that <c>rounded-corners</c> really has: at most half of the short side; 0 for a side of 1.</summary>
    public static int Of(RoundedCorners corners, int width, int height) => Math.Min(corners.Radius, Math.Min(width, height) / 2);

    /// <summary>Where a mark of a given size lies on a picture; may reach over the edges. <see cref="Watermark.X"/> has no meaning in the
    /// middle column, and in the middle row <see cref="Watermark.VerticalOffset"/> counts, downwards, instead of <see cref="Watermark.Y"/>.
    /// </summary>
    public static (int Left, int Top) Of(Watermark mark, int markWidth, int markHeight, int width, int height)
    {
        var left = Origin(Across(mark.Gravity), width, markWidth) + (-Across(mark.Gravity) * (long)mark.X);
        var top = Origin(Down(mark.Gravity), height, markHeight)
            + (Down(mark.Gravity) == 0 ? mark.VerticalOffset : -Down(mark.Gravity) * (long)mark.Y);
        return (Clamped(left), Clamped(top));
    }

    /// <summary>How the image and the text of one mark lie beside each other.</summary>
    public static MarkPair Beside(Watermark mark, (int Width, int Height) image, (int Width, int Height) text)
    {
        var height = Math.Max(image.Height, text.Height);
        var (first, second) = mark.TextFirst ? (text, image) : (image, text);
        var firstBox = new Box(0, Aligned(first.Height), first.Width, first.Height);
        var secondBox = new Box(
            Clamped((long)first.Width + mark.Interval), Aligned(second.Height), second.Width, second.Height);
        return new MarkPair(
            Clamped((long)first.Width + mark.Interval + second.Width), height,
            mark.TextFirst ? secondBox : firstBox, mark.TextFirst ? firstBox : secondBox);

        int Aligned(int own) => mark.Align switch
        {
            0 => 0,
            1 => (height - own) / 2,
            _ => height - own,
        };
    }

    /// <summary>The box that is asked for. Width and height go before long and short side, which become the one and the other by the
    /// picture's orientation; a square counts as lying.</summary>
    private static (int? Width, int? Height) Target(Resize resize, int width, int height) =>
        resize.Width is not null || resize.Height is not null ? (resize.Width, resize.Height)
        : width >= height ? (resize.LongSide, resize.ShortSide)
        : (resize.ShortSide, resize.LongSide);

    private static ResizePlan Proportional(Resize resize, int width, int height, int? boxWidth, int? boxHeight)
    {
        var (side, wanted) = boxWidth is { } w ? (width, w) : (height, boxHeight!.Value);
        return resize.Limit && wanted > side
            ? Scaled(width, height, width, height)
            : Scaled(width, height, Ratio(width, wanted, side), Ratio(height, wanted, side));
    }

    private static ResizePlan Fitted(Resize resize, int width, int height, int boxWidth, int boxHeight)
    {
        // Fitting inside enlarges only where both sides are larger; every other mode does as soon as one is.
        var enlarges = resize.Mode is ResizeMode.Lfit
            ? boxWidth > width && boxHeight > height
            : boxWidth > width || boxHeight > height;
        if (resize.Limit && enlarges)
            return Scaled(width, height, width, height);

        if (resize.Mode is ResizeMode.Fixed)
            return Scaled(width, height, boxWidth, boxHeight);

        // The side that decides comes out exactly; it is the one with the smaller scale inside a box, the other one around it.
        var byWidth = (long)boxWidth * height <= (long)boxHeight * width;
        if (resize.Mode is ResizeMode.Mfit or ResizeMode.Fill)
            byWidth = !byWidth;
        var (scaledWidth, scaledHeight) = byWidth
            ? (boxWidth, Ratio(height, boxWidth, width))
            : (Ratio(width, boxHeight, height), boxHeight);

        Box? cut = resize.Mode is ResizeMode.Fill && (scaledWidth, scaledHeight) != (boxWidth, boxHeight)
            ? new Box((scaledWidth - boxWidth) / 2, (scaledHeight - boxHeight) / 2, boxWidth, boxHeight)
            : null;
        Box? canvas = resize.Mode is ResizeMode.Pad && (scaledWidth, scaledHeight) != (boxWidth, boxHeight)
            ? new Box((boxWidth - scaledWidth) / 2, (boxHeight - scaledHeight) / 2, boxWidth, boxHeight)
            : null;
        return Scaled(width, height, scaledWidth, scaledHeight) with
        {
            Unchanged = (scaledWidth, scaledHeight) == (width, height) && cut is null && canvas is null,
            Cut = cut,
            Canvas = canvas,
        };
    }

    private static ResizePlan Scaled(int width, int height, int toWidth, int toHeight) =>
        new((toWidth, toHeight) == (width, height), toWidth, toHeight, Cut: null, Canvas: null);

    /// <summary>length × numerator ÷ denominator, rounded half up, from 1.</summary>
    private static int Ratio(int length, int numerator, int denominator) =>
        (int)Int128.Clamp(((((Int128)length * numerator) * 2) + denominator) / ((Int128)denominator * 2), 1, int.MaxValue);

    /// <summary>-1 for the left column, 0 for the middle one, 1 for the right one.</summary>
    private static int Across(Gravity gravity) => gravity switch
    {
        Gravity.NorthWest or Gravity.West or Gravity.SouthWest => -1,
        Gravity.North or Gravity.Center or Gravity.South => 0,
        _ => 1,
    };

    /// <summary>-1 for the upper row, 0 for the middle one, 1 for the lower one.</summary>
    private static int Down(Gravity gravity) => gravity switch
    {
        Gravity.NorthWest or Gravity.North or Gravity.NorthEast => -1,
        Gravity.West or Gravity.Center or Gravity.East => 0,
        _ => 1,
    };

    /// <summary>Where something begins in a side before it is moved. In the middle each half is rounded by itself, as the manual writes it.
    /// </summary>
    private static long Origin(int place, int side, int length) => place switch
    {
        < 0 => 0,
        0 => (side / 2) - (length / 2),
        _ => (long)side - length,
    };

    private static int Clamped(long value) => (int)Math.Clamp(value, int.MinValue, int.MaxValue);
}
