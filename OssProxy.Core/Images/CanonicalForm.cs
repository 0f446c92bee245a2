using System.Globalization;
using System.Text;

namespace OssProxy.Core.Images;

/// <summary>
/// The one spelling of a process. It says everything that the actions say: parameters in a fixed order, those that have their default
/// left out, names and Base64 in one form. Reading it gives equal actions back, so two processes that differ cannot have the same;
/// and it is never longer than what was read.
/// </summary>
internal static class CanonicalForm
{
    public static string Of(IEnumerable<ImageAction> actions) => "image/" + string.Join('/', actions.Select(Of));

    public static string OfSnapshot(int milliseconds, int width, int height, ImageFormat format, bool isFast, SnapshotTurn turn) =>
        "video/" + new Words("snapshot")
            .Number("t", milliseconds)
            .Word("f", format is ImageFormat.Jpeg ? null : format.Word())
            .Number("w", width, 0)
            .Number("h", height, 0)
            .Word("m", isFast ? "fast" : null)
            .Word("ar", turn switch
            {
                SnapshotTurn.AsRecorded => "auto",
                SnapshotTurn.Portrait => "h",
                SnapshotTurn.Landscape => "w",
                _ => null,
            });

    private static string Of(ImageAction action) => action switch
    {
        Resize resize => Of(resize),
        Crop crop => Of(crop),
        IndexCrop crop => new Words("indexcrop").Number(crop.Vertical ? "y" : "x", crop.Length).Number("i", crop.Index, 0).ToString(),
        Circle circle => new Words("circle").Number("r", circle.Radius).ToString(),
        RoundedCorners corners => new Words("rounded-corners").Number("r", corners.Radius).ToString(),
        Rotate rotate => Single("rotate", rotate.Degrees),
        AutoOrient orient => Single("auto-orient", orient.On ? 1 : 0),
        Blur blur => new Words("blur").Number("r", blur.Radius).Number("s", blur.Sigma).ToString(),
        Bright bright => Single("bright", bright.Amount),
        Contrast contrast => Single("contrast", contrast.Amount),
        Sharpen sharpen => Single("sharpen", sharpen.Amount),
        Quality quality => new Words("quality").Number("q", quality.Relative).Number("Q", quality.Absolute).ToString(),
        Format format => "format," + format.Value.Word(),
        Interlace interlace => Single("interlace", interlace.On ? 1 : 0),
        Watermark mark => Of(mark),
        Info => "info",
        AverageHue => "average-hue",
        _ => throw new ArgumentException($"An action without a spelling: {action.GetType().Name}.", nameof(action)),
    };

    private static string Of(Resize resize) => new Words("resize")
        .Word("m", resize.Mode switch
        {
            ResizeMode.Lfit => null,
            ResizeMode.Mfit => "mfit",
            ResizeMode.Fill => "fill",
            ResizeMode.Pad => "pad",
            ResizeMode.Fixed => "fixed",
            _ => throw new ArgumentException("A mode without a name.", nameof(resize)),
        })
        .Number("w", resize.Width)
        .Number("h", resize.Height)
        .Number("l", resize.LongSide)
        .Number("s", resize.ShortSide)
        .Number("p", resize.Percent)
        .Number("P", resize.PercentOfMain)
        .Number("limit", resize.Limit ? 1 : 0, 1)
        .Color("color", resize.Color, Rgb.White)
        .ToString();

    private static string Of(Crop crop)
    {
        var words = new Words("crop")
            .Number("w", crop.Width ?? 0, 0)
            .Number("h", crop.Height ?? 0, 0)
            .Number("x", crop.X, 0)
            .Number("y", crop.Y, 0)
            .Word("g", crop.Gravity is Gravity.NorthWest ? null : GravityName(crop.Gravity));
        // A crop of everything still has to say something to be one.
        return words.IsEmpty ? "crop,w_0" : words.ToString();
    }

    private static string Of(Watermark mark)
    {
        var defaults = new Watermark();
        return new Words("watermark")
            .Word("image", mark.Image is null ? null : UrlSafeBase64.Encode(
                mark.Image.Process is null ? mark.Image.Key : mark.Image.Key + WatermarkReader.ProcessMark + mark.Image.Process.Canonical))
            .Word("text", mark.Text is null ? null : UrlSafeBase64.Encode(mark.Text))
            .Word("type", mark.Font == defaults.Font ? null : UrlSafeBase64.Encode(mark.Font))
            .Color("color", mark.Color, defaults.Color)
            .Number("size", mark.Size, defaults.Size)
            .Number("shadow", mark.Shadow, defaults.Shadow)
            .Number("rotate", mark.Rotate, defaults.Rotate)
            .Number("fill", mark.Fill ? 1 : 0, 0)
            .Number("t", mark.Opacity, defaults.Opacity)
            .Word("g", mark.Gravity == defaults.Gravity ? null : GravityName(mark.Gravity))
            .Number("x", mark.X, defaults.X)
            .Number("y", mark.Y, defaults.Y)
            .Number("voffset", mark.VerticalOffset, defaults.VerticalOffset)
            .Number("order", mark.TextFirst ? 1 : 0, 0)
            .Number("align", mark.Align, defaults.Align)
            .Number("interval", mark.Interval, defaults.Interval)
            .ToString();
    }

    private static string Single(string name, int value) => string.Create(CultureInfo.InvariantCulture, $"{name},{value}");

    private static string GravityName(Gravity gravity) => gravity switch
    {
        Gravity.NorthWest => "nw",
        Gravity.North => "north",
        Gravity.NorthEast => "ne",
        Gravity.West => "west",
        Gravity.Center => "center",
        Gravity.East => "east",
        Gravity.SouthWest => "sw",
        Gravity.South => "south",
        Gravity.SouthEast => "se",
        _ => throw new ArgumentException("A gravity without a name.", nameof(gravity)),
    };

    /// <summary>An action's name and its parameters; what is null or has its default is left out.</summary>
    private sealed class Words(string name)
    {
        private readonly StringBuilder _text = new(name);

        public bool IsEmpty => _text.Length == name.Length;

        public Words Number(string key, int? value, int? unless = null)
        {
            if (value is { } number && number != unless)
                _text.Append(CultureInfo.InvariantCulture, $",{key}_{number}");
            return this;
        }

        public Words Word(string key, string? value)
        {
            if (value is not null)
                _text.Append(CultureInfo.InvariantCulture, $",{key}_{value}");
            return this;
        }

        public Words Color(string key, Rgb color, Rgb unless) =>
            Word(key, color == unless ? null : Convert.ToHexString([color.Red, color.Green, color.Blue]));

        public override string ToString() => _text.ToString();
    }
}
