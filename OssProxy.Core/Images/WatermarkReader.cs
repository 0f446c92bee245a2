using System.Text;

namespace OssProxy.Core.Images;

/// <summary>Reads <c>watermark</c>.</summary>
internal static class WatermarkReader
{
    /// <summary>Between the key of a watermark's image and what is done to it first.</summary>
    public const string ProcessMark = "?x-oss-process=";

    private const int MaxTextBytes = 64;

    public static Watermark Read(ActionParameters action)
    {
        action.Named([
            "image", "text", "type", "color", "size", "shadow", "rotate", "fill", "t", "g", "x", "y", "voffset",
            "order", "align", "interval",
        ]);
        if (!action.Has("image") && !action.Has("text"))
            throw ProcessFault.Missing(action.Action, "image or text");

        var defaults = new Watermark();
        return new Watermark
        {
            Image = action.TryText("image", out var image) ? Image(image) : null,
            Text = action.TryText("text", out var text) ? Text(text) : null,
            Font = action.TryText("type", out var type) ? Font(type) : defaults.Font,
            Color = action.Color("color", 254) ?? defaults.Color,
            Size = action.Number("size", 1, 1000, 256) ?? defaults.Size,
            Shadow = action.Number("shadow", 0, 100, 255) ?? defaults.Shadow,
            Rotate = action.Number("rotate", 0, 360, 272) ?? defaults.Rotate,
            Fill = action.Flag("fill", 274) ?? defaults.Fill,
            Opacity = action.Number("t", 0, 100, 263) ?? defaults.Opacity,
            Gravity = action.Word("g", ActionReader.GravityOf) ?? defaults.Gravity,
            X = action.Number("x", 0, 4096, 262) ?? defaults.X,
            Y = action.Number("y", 0, 4096, 264) ?? defaults.Y,
            VerticalOffset = action.Number("voffset", -1000, 1000, 268) ?? defaults.VerticalOffset,
            TextFirst = action.Flag("order", 269) ?? defaults.TextFirst,
            Align = action.Number("align", 0, 2, 271) ?? defaults.Align,
            Interval = action.Number("interval", 0, 1000, 270) ?? defaults.Interval,
        };
    }

    private static WatermarkImage Image(string value)
    {
        if (value.Length == 0)
            throw ProcessFault.Missing("watermark", "image");
        if (!UrlSafeBase64.TryDecode(value, out var decoded))
            throw ProcessFault.NotBase64(265);

        // OSS refuses "/watermark" anywhere in the value; a key that contains the word does no harm here.
        var at = decoded.IndexOf(ProcessMark, StringComparison.Ordinal);
        var key = at < 0 ? decoded : decoded[..at];
        if (!ProcessReader.IsObjectKey(key))
            throw ProcessFault.Value("image", key);

        return new WatermarkImage(key, at < 0 ? null : ProcessReader.MarkProcess(decoded[(at + ProcessMark.Length)..]));
    }

    private static string Text(string value)
    {
        if (value.Length == 0)
            throw ProcessFault.Missing("watermark", "text", 258);
        if (!UrlSafeBase64.TryDecode(value, out var text))
            throw ProcessFault.NotBase64(257);
        if (string.IsNullOrWhiteSpace(text))
            throw ProcessFault.Missing("watermark", "text", 258);
        if (Encoding.UTF8.GetByteCount(text) > MaxTextBytes)
            throw ProcessFault.Invalid("The text of the watermark is longer than 64 bytes.", 259);

        // U+2028 and U+2029 begin a new line as well, without being control characters.
        return text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029')
            ? throw ProcessFault.Invalid("The text of the watermark must be one line.")
            : text;
    }

    private static string Font(string value)
    {
        if (value.Length == 0 || !UrlSafeBase64.TryDecode(value, out var name))
            throw ProcessFault.NotBase64(250);

        return WatermarkFonts.Contains(name) ? name : throw ProcessFault.Value("type", name, 251);
    }
}
