namespace OssProxy.Core.Images;

/// <summary>Reads one action of <c>image/…</c>. What has no effect is left out (a percentage beside a width, a colour without a canvas),
/// so that there is one spelling less of the same picture.</summary>
internal static class ActionReader
{
    private const int MaxSide = 16_384;
    private const int MaxRadius = 4096;

    /// <summary>Reads an action.</summary>
    /// <param name="inMark">Whether it is done to a watermark's image, where fewer are allowed.</param>
    public static ImageAction Read(string text, bool inMark)
    {
        var action = new ActionParameters(text);
        return action.Action switch
        {
            "" => throw ProcessFault.NoAction(),
            "resize" => Resize(action, inMark),
            "crop" => Crop(action),
            "indexcrop" => IndexCrop(action),
            "rounded-corners" => new RoundedCorners(Radius(action, 237)),
            "rotate" => new Rotate(action.SingleNumber(0, 360, 217)),
            "circle" or "auto-orient" or "blur" or "bright" or "contrast" or "sharpen" or "quality" or "format" or "interlace" or "info"
                or "average-hue" when inMark => throw ProcessFault.Invalid($"The action: {action.Action} is not allowed in a watermark."),
            "watermark" when inMark => throw ProcessFault.Invalid("A watermark must not have a watermark.", 373),
            "circle" => new Circle(Radius(action, 233)),
            "auto-orient" => new AutoOrient(action.SingleNumber(0, 1, 215, missing: 214) == 1),
            "blur" => Blur(action),
            "bright" => new Bright(action.SingleNumber(-100, 100, 246)),
            "contrast" => new Contrast(action.SingleNumber(-100, 100)),
            "sharpen" => new Sharpen(action.SingleNumber(50, 399, 280, missing: 279)),
            "quality" => Quality(action),
            "format" => Format(action),
            "interlace" => new Interlace(action.SingleNumber(0, 1) == 1),
            "watermark" => WatermarkReader.Read(action),
            "info" => Bare(action, new Info()),
            "average-hue" => Bare(action, new AverageHue()),
            _ => throw ProcessFault.Unknown(action.Action),
        };
    }

    /// <summary>A gravity by its name; null for none.</summary>
    public static Gravity? GravityOf(string name) => name switch
    {
        "nw" => Gravity.NorthWest,
        "north" => Gravity.North,
        "ne" => Gravity.NorthEast,
        "west" => Gravity.West,
        "center" => Gravity.Center,
        "east" => Gravity.East,
        "sw" => Gravity.SouthWest,
        "south" => Gravity.South,
        "se" => Gravity.SouthEast,
        _ => null,
    };

    private static Resize Resize(ActionParameters action, bool inMark)
    {
        ReadOnlySpan<string> known = ["m", "w", "h", "l", "s", "p", "limit", "color", "P"];
        action.Named(inMark ? known : known[..^1]);

        var mode = action.Word("m", ModeOf, 311) ?? ResizeMode.Lfit;
        if (action.Number("w", int.MinValue, int.MaxValue, 312) == 0 && action.Number("h", int.MinValue, int.MaxValue) == 0)
            throw ProcessFault.Invalid("Width and height must not both be 0.", 321);

        var width = action.Number("w", 1, MaxSide, 312);
        var height = action.Number("h", 1, MaxSide);
        var longSide = action.Number("l", 1, MaxSide, 314);
        var shortSide = action.Number("s", 1, MaxSide, 315);
        var percent = action.Number("p", 1, 1000, 317);
        var percentOfMain = action.Number("P", 1, 100);
        var limit = action.Flag("limit", 319) ?? true;
        var color = action.Color("color", 318) ?? Rgb.White;

        // Width and height go before the sides by length, and all of them before the percentage, which knows neither mode nor limit.
        var isBox = width is not null || height is not null;
        var isSized = isBox || longSide is not null || shortSide is not null;
        if (percentOfMain is { } share)
        {
            return isSized || percent is not null
                ? throw ProcessFault.Invalid("The parameter: P of action: resize stands alone.")
                : new Resize { PercentOfMain = share, Limit = limit };
        }

        if (!isSized)
            return percent is null ? throw ProcessFault.Missing(action.Action, "w or h") : new Resize { Percent = percent };

        return new Resize
        {
            Mode = mode,
            Width = width,
            Height = height,
            LongSide = isBox ? null : longSide,
            ShortSide = isBox ? null : shortSide,
            Limit = limit,
            Color = mode is ResizeMode.Pad ? color : Rgb.White,
        };
    }

    private static ResizeMode? ModeOf(string name) => name switch
    {
        "lfit" => ResizeMode.Lfit,
        "mfit" => ResizeMode.Mfit,
        "fill" => ResizeMode.Fill,
        "pad" => ResizeMode.Pad,
        "fixed" => ResizeMode.Fixed,
        _ => null,
    };

    private static Crop Crop(ActionParameters action)
    {
        action.Named(["w", "h", "x", "y", "g"]);
        if (!action.Has("w") && !action.Has("h") && !action.Has("x") && !action.Has("y") && !action.Has("g"))
            throw ProcessFault.Missing(action.Action, "w or h");

        // The end of the ranges is the picture's: what begins outside is another error than what is no number.
        return new Crop(
            Some(action.Number("w", 0, ActionParameters.Unbounded, 225)),
            Some(action.Number("h", 0, ActionParameters.Unbounded, 226)),
            action.Number("x", 0, ActionParameters.Unbounded) ?? 0,
            action.Number("y", 0, ActionParameters.Unbounded) ?? 0,
            action.Word("g", GravityOf) ?? Gravity.NorthWest);
    }

    private static int? Some(int? length) => length == 0 ? null : length;

    private static IndexCrop IndexCrop(ActionParameters action)
    {
        action.Named(["x", "y", "i"]);
        var x = action.Number("x", 1, ActionParameters.Unbounded, 230);
        var y = action.Number("y", 1, ActionParameters.Unbounded, 230, notNumber: 224);
        var index = action.Number("i", 0, ActionParameters.Unbounded, 229) ?? 0;
        return new IndexCrop(y is not null, y ?? x ?? throw ProcessFault.Missing(action.Action, "x or y"), index);
    }

    private static int Radius(ActionParameters action, int ec) =>
        action.Named(["r"]).Number("r", 1, MaxRadius, ec) ?? throw ProcessFault.Missing(action.Action, "r", ec);

    private static Blur Blur(ActionParameters action)
    {
        action.Named(["r", "s"]);
        var radius = action.Number("r", 1, 50, 241) ?? throw ProcessFault.Missing(action.Action, "r", 241);
        var sigma = action.Number("s", 1, 50, 242) ?? throw ProcessFault.Missing(action.Action, "s", 242);
        return new Blur(radius, sigma);
    }

    private static Quality Quality(ActionParameters action)
    {
        action.Named(["q", "Q"], 310);
        var absolute = action.Number("Q", 1, 100, 308);
        var relative = action.Number("q", 1, 100, 309);
        return absolute is null && relative is null
            ? throw ProcessFault.Missing(action.Action, "q or Q", 307)
            : new Quality(absolute is null ? relative : null, absolute);
    }

    private static Format Format(ActionParameters action)
    {
        var name = action.Single() ?? throw ProcessFault.Missing(action.Action, "value", 207);
        return new Format(ImageFormats.Parse(name) ?? throw ProcessFault.Value(action.Action, name, 206));
    }

    private static ImageAction Bare(ActionParameters action, ImageAction read) =>
        action.Single() is null ? read : throw ProcessFault.Invalid($"The action: {action.Action} takes no value.");
}
