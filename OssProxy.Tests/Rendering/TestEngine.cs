using System.Collections.Immutable;
using System.Text.Json;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Bmp;

namespace OssProxy.Tests.Rendering;

/// <summary>One engine for all tests, with the library that is found first.</summary>
internal static class TestEngine
{
    private static readonly Lazy<EngineWorker> Started = new(EngineWorker.Start);

    public static EngineWorker Shared => Started.Value;

    public static RenderResult Render(byte[] source, string process, params (string Key, byte[] Content)[] marks) =>
        Shared.Render(Job(source, process) with
        {
            Marks = marks.ToImmutableDictionary(mark => mark.Key, mark => (ReadOnlyMemory<byte>)mark.Content, StringComparer.Ordinal),
        });

    public static RenderJob Job(byte[] source, string process) =>
        new() { Source = source, Process = ProcessString.Parse(process).Image! };

    /// <summary>The pixels of what comes out. The process must end in <c>format,bmp</c>, which our own reader reads without
    /// loss.</summary>
    public static BmpPicture Pixels(byte[] source, string process, params (string Key, byte[] Content)[] marks) =>
        BmpReader.Read(Render(source, process, marks).Content.Span)!;

    public static BmpPicture Decoded(ReadOnlyMemory<byte> picture) =>
        BmpReader.Read(Render(picture.ToArray(), "image/auto-orient,0/format,bmp").Content.Span)!;

    public static Dictionary<string, string> Facts(ReadOnlyMemory<byte> picture) =>
        JsonDocument.Parse(Render(picture.ToArray(), "image/info").Content).RootElement.EnumerateObject()
            .ToDictionary(fact => fact.Name, fact => fact.Value.GetProperty("value").GetString()!, StringComparer.Ordinal);

    public static byte[] Jpeg(BmpPicture picture) => Render(TestPictures.Png(picture), "image/format,jpg/quality,q_95").Content.ToArray();

    public static ImageException Refusal(byte[] source, string process) => Refusal(Job(source, process));

    public static ImageException Refusal(RenderJob job) =>
        FluentActions.Invoking(() => Shared.Render(job)).Should().Throw<ImageException>().Which;

    /// <summary>The colour at a place, as a word where it is nearly one of the plain ones.</summary>
    public static string At(this BmpPicture picture, int x, int y)
    {
        var pixel = picture.Pixels.AsSpan(((y * picture.Width) + x) * picture.Bands, picture.Bands);
        if (picture.Bands == 4 && pixel[3] == 0)
            return "clear";

        var (red, green, blue) = (Level(pixel[0]), Level(pixel[1]), Level(pixel[2]));
        return (red, green, blue) switch
        {
            (1, 0, 0) => "red",
            (0, 1, 0) => "green",
            (0, 0, 1) => "blue",
            (1, 1, 1) => "white",
            (0, 0, 0) => "black",
            _ => Convert.ToHexString(pixel),
        };

        static int Level(byte value) => value < 24 ? 0 : value > 231 ? 1 : -1;
    }
}
