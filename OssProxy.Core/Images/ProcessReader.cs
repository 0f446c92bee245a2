using System.Collections.Immutable;
using System.Text;

namespace OssProxy.Core.Images;

/// <summary>Reads a value of <c>x-oss-process</c>: its stages, and what stands in each.</summary>
internal static class ProcessReader
{
    private const int MaxStages = 5;
    private const int MaxActions = 20;

    // What OSS's manual of 2024 allows; an engine may allow fewer (the manual of 2021: 3).
    private const int MaxMarkImages = 6;

    private const int MaxStyleChars = 63;
    private const int MaxKeyBytes = 1023;
    private const int MaxSnapshotSide = 16_384;

    public static ProcessString Read(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > ProcessString.MaxBytes)
            throw ProcessFault.Invalid("The process is too long.");

        var stages = text.Split('|');
        if (stages.Length > MaxStages)
            throw ProcessFault.TooManyPipes();

        var actions = ImmutableArray.CreateBuilder<ImageAction>();
        var read = new ProcessString();
        foreach (var stage in stages)
        {
            // Stages of image/… join; everything else stands once, and where a result goes stands last.
            var isFirst = actions.Count == 0 && read.Style is null && read.Snapshot is null;
            var slash = stage.IndexOf('/', StringComparison.Ordinal);
            var rest = slash < 0 ? "" : stage[(slash + 1)..];
            if (read.SaveAs is not null)
                throw ProcessFault.Invalid("Nothing can follow: sys/saveas.");

            switch (slash < 0 ? stage : stage[..slash])
            {
                case "image" when isFirst || actions.Count > 0:
                    ReadActions(rest, actions, inMark: false);
                    break;
                case "style" when isFirst:
                    read = read with { Style = Style(rest) };
                    break;
                case "video" when isFirst:
                    read = read with { Snapshot = Snapshot(rest) };
                    break;
                case "sys" when !isFirst:
                    read = read with { SaveAs = SaveAs(rest) };
                    break;
                case "image" or "style" or "video" or "sys":
                    throw ProcessFault.Invalid("These stages cannot follow each other.");
                case "":
                    throw ProcessFault.NoAction();
                case var other:
                    throw ProcessFault.Unknown(other);
            }
        }

        return actions.Count == 0 ? read : read with { Image = Process(actions) };
    }

    /// <summary>Reads what is done to a watermark's image.</summary>
    public static ImageProcess MarkProcess(string text)
    {
        if (!text.StartsWith("image/", StringComparison.Ordinal))
            throw ProcessFault.Invalid("A watermark's own process must begin with image/.");

        var actions = ImmutableArray.CreateBuilder<ImageAction>();
        ReadActions(text["image/".Length..], actions, inMark: true);
        return Process(actions);
    }

    /// <summary>Whether an object can have this name; the rules of <c>Storage</c>, which this room does not know.</summary>
    public static bool IsObjectKey(string key) =>
        key.Length > 0 && key[0] is not ('/' or '\\') && Encoding.UTF8.GetByteCount(key) <= MaxKeyBytes && !key.Any(char.IsControl)
        && !key.Split('/').Any(segment => segment is "." or "..");

    private static void ReadActions(string text, ImmutableArray<ImageAction>.Builder actions, bool inMark)
    {
        // One slash too many at the end is overlooked; clients join with slashes.
        foreach (var action in WithoutLast(text).Split('/'))
        {
            if (actions.Count == MaxActions)
                throw ProcessFault.Invalid("The process has too many actions.");

            actions.Add(ActionReader.Read(action, inMark));
        }
    }

    private static ImageProcess Process(ImmutableArray<ImageAction>.Builder actions)
    {
        if (actions.Count > 1 && actions.Any(action => action is Info or AverageHue))
            throw ProcessFault.Invalid("The actions: info and average-hue stand alone.");
        if (actions.Count(action => action is Watermark { Image: not null }) > MaxMarkImages)
            throw ProcessFault.TooManyMarks();

        return ImageProcess.Of(actions.ToImmutable());
    }

    private static string Style(string name) =>
        name.Length is > 0 and <= MaxStyleChars && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? name
            : throw ProcessFault.Value("stylename", name);

    private static Snapshot Snapshot(string text)
    {
        var action = new ActionParameters(WithoutLast(text));
        if (action.Action.Length == 0)
            throw ProcessFault.NoAction();
        if (action.Action != "snapshot")
            throw ProcessFault.Unknown(action.Action);

        action.Named(["t", "f", "w", "h", "m", "ar"]);
        var at = action.Number("t", 0, ActionParameters.Unbounded) ?? throw ProcessFault.Missing(action.Action, "t");
        var width = action.Number("w", 0, MaxSnapshotSide) ?? 0;
        var height = action.Number("h", 0, MaxSnapshotSide) ?? 0;
        var format = action.Word<ImageFormat>("f", name => ImageFormats.Parse(name) is (ImageFormat.Jpeg or ImageFormat.Png) and var found ? found : null)
            ?? ImageFormat.Jpeg;
        var isFast = action.Word<bool>("m", name => name == "fast" ? true : null) ?? false;
        var turn = action.Word<SnapshotTurn>("ar", name => name switch
        {
            "auto" => SnapshotTurn.AsRecorded,
            "h" => SnapshotTurn.Portrait,
            "w" => SnapshotTurn.Landscape,
            _ => null,
        }) ?? SnapshotTurn.None;

        return new Snapshot(
            TimeSpan.FromMilliseconds(at), width, height, format, isFast, turn is not SnapshotTurn.None,
            CanonicalForm.OfSnapshot(at, width, height, format, isFast, turn))
        {
            Turn = turn,
        };
    }

    private static SaveAs SaveAs(string text)
    {
        var action = new ActionParameters(WithoutLast(text));
        if (action.Action.Length == 0)
            throw ProcessFault.NoAction();
        if (action.Action != "saveas")
            throw ProcessFault.Unknown(action.Action);

        action.Named(["o", "b"]);
        var key = Decoded(action, "o") ?? throw ProcessFault.Missing(action.Action, "o");
        var bucket = Decoded(action, "b");
        if (!IsObjectKey(key))
            throw ProcessFault.Value("o", key);

        return bucket is null || IsBucket(bucket) ? new SaveAs(key, bucket) : throw ProcessFault.Value("b", bucket);
    }

    private static string? Decoded(ActionParameters action, string parameter)
    {
        if (!action.TryText(parameter, out var value))
            return null;

        return UrlSafeBase64.TryDecode(value, out var decoded) ? decoded : throw ProcessFault.NotBase64();
    }

    private static bool IsBucket(string name) =>
        name.Length is >= 3 and <= 63 && name[0] != '-' && name[^1] != '-'
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static string WithoutLast(string text) => text.EndsWith('/') ? text[..^1] : text;
}
