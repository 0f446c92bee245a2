using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace OssProxy.Tests.Conformance;

public sealed class DistributionConformanceSpecs(DistributionHouse house) : ConformanceSpecs(house), IClassFixture<DistributionHouse>;

public sealed class SingleFileConformanceSpecs(SingleFileHouse house) : ConformanceSpecs(house), IClassFixture<SingleFileHouse>;

/// <summary>Every case of the vectors, asked for over HTTP by a signed URL and judged by a decoder that is not ours.</summary>
public abstract class ConformanceSpecs(ConformanceHouse house)
{
    // A channel may be off by one when colours are converted.
    private const uint Tolerance = 1;

    // What an iPhone with iOS 18 writes is not to be had without one, and saving is tried elsewhere.
    public static TheoryData<string> Ids =>
        [.. ConformanceCase.All.Where(one => one.Method == "GET" && one.Source != "heic_ios18").Select(one => one.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task It_is_as_the_manual_says(string id)
    {
        var one = ConformanceCase.All.Single(candidate => candidate.Id == id);
        var (status, type, body) = await house.GetAsync(one.Source, one.Process);

        if (house.Lacks(one) is { } lacking)
        {
            ((int)status).Should().Be(501, Text(body));
            Text(body).Should().Contain(lacking);
            return;
        }

        var expect = one.Expect;
        ((int)status).Should().Be(expect.GetProperty("status").GetInt32(), Text(body));
        if (expect.TryGetProperty("error", out var error))
            ShouldBeError(error, body, one.Certain);
        else if (expect.TryGetProperty("json", out var json))
            ShouldBeJson(json, type, body, house.LengthOf(one.Source));
        else
            await ShouldBePictureAsync(one, type, body);
    }

    private static void ShouldBeError(JsonElement expected, byte[] body, bool certain)
    {
        var error = XElement.Parse(Text(body));
        error.Name.LocalName.Should().Be("Error");
        foreach (var (name, element) in (ReadOnlySpan<(string, string)>)[("code", "Code"), ("message", "Message"), ("ec", "EC")])
        {
            // Two cases name one of two numbers that the manual gives.
            if (expected.TryGetProperty(name, out var value) && (certain || name != "ec"))
                ((string?)error.Element(element)).Should().Be(value.GetString(), Text(body));
        }
    }

    private static void ShouldBeJson(JsonElement expected, string? type, byte[] body, long length)
    {
        type.Should().Be("application/json");
        using var found = JsonDocument.Parse(body);
        foreach (var member in expected.EnumerateObject())
        {
            var value = found.RootElement.GetProperty(member.Name);
            if (member.Name == "RGB")
            {
                var red = int.Parse(value.GetString()![2..4], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                value.GetString().Should().MatchRegex("^0x[0-9a-f]{6}$");
                red.Should().BeInRange(0xfb, 0xff);
                continue;
            }

            var wanted = member.Value.GetProperty("value").GetString();
            value.GetProperty("value").GetString().Should().Be(
                wanted!.StartsWith('<') ? length.ToString(CultureInfo.InvariantCulture) : wanted, member.Name);
        }
    }

    private async Task ShouldBePictureAsync(ConformanceCase one, string? type, byte[] body)
    {
        var expect = one.Expect;
        var points = expect.TryGetProperty("pixels", out var pixels) ? pixels.EnumerateArray().ToList() : [];
        var region = expect.TryGetProperty("changedRegion", out var changed) ? changed.GetString() : null;
        var plain = region is null ? null : await house.WithoutMarkAsync(one);

        var seen = await house.Judge.LookAsync(
            body, [.. points.Select(point => (point.GetProperty("x").GetInt32(), point.GetProperty("y").GetInt32()))], plain);

        seen.Format.Should().Be(expect.GetProperty("format").GetString());
        type.Should().Be("image/" + (seen.Format == "jpg" ? "jpeg" : seen.Format));
        // A browser turns pictures as EXIF says; the manual tells stored sides.
        var (width, height) = seen.Format == "jpg" && JpegFacts.Of(body) is var jpeg ? (jpeg.Width, jpeg.Height) : (seen.Width, seen.Height);
        // HEVC stores even sides and says beside them what is to be seen.
        var tolerance = (uint)(seen.Format == "heic" ? 1 : one.TolerancePx);
        width.Should().BeCloseTo(expect.GetProperty("width").GetInt32(), tolerance);
        height.Should().BeCloseTo(expect.GetProperty("height").GetInt32(), tolerance);
        seen.Frames.Should().Be(expect.TryGetProperty("frames", out var frames) ? frames.GetInt32() : 1);
        if (seen.Format == "jpg")
            ShouldBeJpeg(expect, JpegFacts.Of(body));
        foreach (var (point, found) in points.Zip(seen.Points))
            ShouldBeColour(point, found);
        if (region is not null)
            ShouldBeChanged(region, seen);
    }

    private static void ShouldBeJpeg(JsonElement expect, JpegFacts facts)
    {
        if (expect.TryGetProperty("jpegQuality", out var quality))
            facts.Quality.Should().BeCloseTo(quality.GetInt32(), 1);
        if (expect.TryGetProperty("progressive", out var progressive))
            facts.Progressive.Should().Be(progressive.GetBoolean());
        if (expect.TryGetProperty("exifOrientation", out _))
            (facts.Orientation ?? 1).Should().Be(1);
    }

    private static void ShouldBeColour(JsonElement point, int[] found)
    {
        if (point.TryGetProperty("alpha", out var alpha))
            found[3].Should().BeCloseTo(alpha.GetInt32(), Tolerance);
        if (!point.TryGetProperty("rgb", out var rgb))
            return;
        var tolerance = point.GetProperty("tol").GetInt32();
        for (var channel = 0; channel < 3; channel++)
        {
            found[channel].Should().BeCloseTo(
                int.Parse(rgb.GetString()!.AsSpan(channel * 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture), (uint)tolerance);
        }
    }

    private static void ShouldBeChanged(string region, JudgedPicture seen)
    {
        var (left, top, right, bottom) = (seen.Changed![0], seen.Changed[1], seen.Changed[2], seen.Changed[3]);
        switch (region)
        {
            case "none":
                right.Should().Be(-1);
                break;
            case "all":
                left.Should().BeLessThan(seen.Width / 4);
                top.Should().BeLessThan(seen.Height / 4);
                right.Should().BeGreaterThan(seen.Width * 3 / 4);
                bottom.Should().BeGreaterThan(seen.Height * 3 / 4);
                break;
            default:
                region.Should().Be("se");
                right.Should().BeInRange(seen.Width - 40, seen.Width - 9);
                bottom.Should().BeInRange(seen.Height - 40, seen.Height - 9);
                top.Should().BeGreaterThan(seen.Height / 4);
                break;
        }
    }

    private static string Text(byte[] body) => body.Length > 4000 ? $"{body.Length} bytes" : System.Text.Encoding.UTF8.GetString(body);
}
