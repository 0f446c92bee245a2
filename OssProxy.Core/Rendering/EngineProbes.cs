using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>
/// Tries things out, because asking is not enough: libheif's codecs are packages and plugins of their own, so that a loader is there,
/// opens a HEIC, and then cannot decode it. The two pictures are 64 × 64 pixels of one grey, made for this.
/// </summary>
internal static class EngineProbes
{
    public static ReadOnlyMemory<byte> Heic { get; } = Convert.FromBase64String(
        "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAA"
        + "AAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAAADgAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwmlwcnAA"
        + "AACkaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkA"
        + "AAAwAAAwAeoCCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABRpc3BlAAAAAAAAAEAAAABAAAAAEHBpeGkAAAAAAwgICAAA"
        + "ABZpcG1hAAAAAAAAAAEAAQOBAoMAAAAWbWRhdAAAAAooAa8ZgPcwWpD8");

    public static ReadOnlyMemory<byte> Avif { get; } = Convert.FromBase64String(
        "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOptZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAA"
        + "AAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAEOAAEAAAAAAAAAFQAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGF2MDEAAAAAamlwcnAA"
        + "AABLaXBjbwAAABNjb2xybmNseAACAAIABoAAAAAMYXYxQ4EADAAAAAAUaXNwZQAAAAAAAABAAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQ"
        + "AAAAAAAAABAAEEgYIDhAAAAB1tZGF0EgAKCRgVf/2CBAQNCDIGGwAAAFAO");

    public static bool Decodes(ReadOnlyMemory<byte> picture) => Works(workshop =>
    {
        var image = workshop.Call("heifload_source").With("source", workshop.Source(picture)).Image();
        return image.Pixels()[0] is > 120 and < 136; // the grey that it is
    });

    public static bool Encodes(int compression) => Works(workshop =>
    {
        var image = workshop.FromPixels(new byte[64 * 64 * 3], 64, 64, 3);
        return workshop.Saved(workshop.Call("heifsave_target").With("in", image).With("compression", compression)).Length > 0;
    });

    /// <summary>Whether a character that is one level stroke is drawn as such. Where no font has it, Pango draws a box with its number
    /// in it, which is no wider than high.</summary>
    public static bool Draws(string stroke) => Works(workshop =>
    {
        var mask = workshop.Call("text").With("text", stroke).With("font", WatermarkText.FontOf("wqy-zenhei", 40)).With("dpi", 72).Image();
        return mask.Width > 2 * mask.Height && mask.Pixels().Any(ink => ink > 64);
    });

    private static bool Works(Func<VipsWorkshop, bool> attempt)
    {
        using var workshop = new VipsWorkshop();
        try
        {
            return attempt(workshop);
        }
        catch (VipsException)
        {
            return false;
        }
    }
}
