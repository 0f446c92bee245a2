using System.Text;
using OssProxy.Core.Images;

namespace OssProxy.Tests.Images;

/// <summary>Whatever arrives is read or refused, and what is read has one spelling.</summary>
public sealed class ProcessFuzzSpecs
{
    private const int Rounds = 10_000;

    private static readonly string[] Pieces =
    [
        "image/", "image", "style/", "video/snapshot,", "|sys/saveas,", "|", "/", ",", "_", "=", "-", "resize", "crop", "indexcrop",
        "circle", "rounded-corners", "rotate", "auto-orient", "blur", "bright", "contrast", "sharpen", "quality", "format", "interlace",
        "watermark", "info", "average-hue", "m_fill", "m_pad", "w_", "h_", "l_", "s_", "p_", "P_", "limit_0", "color_", "x_", "y_",
        "g_se", "g_center", "i_", "r_", "q_", "Q_", "text_", "image_", "type_", "t_", "size_", "voffset_", "order_1", "align_",
        "interval_", "fill_1", "shadow_", "o_", "b_", "0", "1", "100", "90", "-1", "999999999999", "2147483648", "-2147483649",
        "00000000000000000001", "YQ", "YQ==", "5rC05Y2w", "d3F5LXplbmhlaQ", "YS5wbmc_eC1vc3MtcHJvY2Vzcz1pbWFnZS9yZXNpemUsUF8zMA",
        "FF00aa", "jpg", "jpeg", "webp", "水", "\uD800", "\0", "\u2028", "１",
    ];

    [Fact]
    public void Any_text_is_read_or_refused_and_nothing_else()
    {
        var random = new Random(20_230_917);
        var seeds = ProcessVector.All.Select(vector => vector.Process).ToArray();
        var (read, refused) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var text = Text(random, seeds);
            try
            {
                Settles(ProcessString.Parse(text), text);
                read++;
            }
            catch (ImageException fault)
            {
                fault.Message.Should().NotBeEmpty().And.Match(message => message.Length < 300);
                refused++;
            }
            catch (Exception fault) when (fault is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"Round {round}: {text}", fault);
            }
        }

        // Both ways have been gone often enough to mean something.
        read.Should().BeGreaterThan(Rounds / 10);
        refused.Should().BeGreaterThan(Rounds / 10);
    }

    private static void Settles(ProcessString read, string text)
    {
        new object?[] { read.Image, read.Style, read.Snapshot }.Count(part => part is not null).Should().Be(1, text);
        if (read.Snapshot is { } snapshot)
            ProcessString.Parse(snapshot.Canonical).Snapshot.Should().Be(snapshot, text);
        if (read.Image is not { } image)
            return;

        var again = ProcessString.Parse(image.Canonical).Image!;
        if (again.Canonical != image.Canonical || !again.Actions.SequenceEqual(image.Actions) || image.Canonical.Length > text.Length)
            throw new Xunit.Sdk.XunitException($"{text} became {image.Canonical} and that became {again.Canonical}");

        foreach (var action in image.Actions)
        {
            foreach (var (width, height) in ((int, int)[])[(1, 1), (400, 267), (3, 30_000), (int.MaxValue, int.MaxValue)])
                Fits(action, width, height, text);
        }
    }

    private static void Fits(ImageAction action, int width, int height, string text)
    {
        try
        {
            var box = action switch
            {
                Crop crop => Placement.Of(crop, width, height),
                IndexCrop crop => Placement.Of(crop, width, height),
                Circle circle => Placement.Of(circle, width, height).Square,
                Resize resize => Kept(Placement.Of(resize, width, height), width, height, text),
                _ => new Box(0, 0, width, height),
            };
            if (!Holds((width, height), box))
                throw new Xunit.Sdk.XunitException($"{text} makes {box} of {width}x{height}");
        }
        catch (ImageException) when (action is Crop)
        {
            // It begins outside of this picture.
        }
    }

    private static Box Kept(ResizePlan plan, int width, int height, string text) =>
        plan.Cut is { } cut && !Holds((plan.Width, plan.Height), cut)
            ? throw new Xunit.Sdk.XunitException($"{text} cuts {cut} out of {plan}")
            : new Box(0, 0, Math.Min(width, plan.Result.Width), Math.Min(height, plan.Result.Height));

    private static bool Holds((int Width, int Height) whole, Box part) =>
        part.Left >= 0 && part.Top >= 0 && part.Width >= 1 && part.Height >= 1
        && (long)part.Left + part.Width <= whole.Width && (long)part.Top + part.Height <= whole.Height;

    private static string Text(Random random, string[] seeds)
    {
        if (random.Next(4) == 0)
            return string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]));

        // A good one with up to three wounds, or joined to another.
        var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
        for (var wounds = random.Next(4); wounds > 0; wounds--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(6))
            {
                case 0:
                    text.Remove(at, Math.Min(random.Next(1, 4), text.Length - at));
                    break;
                case 1:
                    text[at] = (char)random.Next(random.Next(2) == 0 ? 0x80 : 0x10000);
                    break;
                case 2:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 3:
                    text.Append(random.Next(2) == 0 ? '/' : ',')
                        .Append(Pieces[random.Next(Pieces.Length)]).Append(Pieces[random.Next(Pieces.Length)]);
                    break;
                case 4:
                    text.Append('|').Append(seeds[random.Next(seeds.Length)]);
                    break;
                default:
                    text.Append('/').Append(seeds[random.Next(seeds.Length)].Replace("image/", "", StringComparison.Ordinal));
                    break;
            }

            if (text.Length == 0)
                text.Append('x');
        }

        return text.ToString();
    }
}
