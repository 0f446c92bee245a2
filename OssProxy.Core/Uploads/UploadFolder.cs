using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OssProxy.Core.Uploads;

/// <summary>
/// A folder that a client or the configuration chose. Each segment is 1–64 letters, digits, Chinese characters, dots or minus signs, does
/// not begin or end with a dot and is no device name of Windows; at most eight segments and 160 bytes in all. So it can neither climb out of
/// its root nor mean another folder on another disk, and neither key nor URL gets longer than clients keep (255 and 1,000 characters).
/// </summary>
public sealed record UploadFolder
{
    private const int MaxSegments = 8;
    private const int MaxSegmentLength = 64;
    private const int MaxBytes = 160;

    private UploadFolder(string path) => Path = path;

    /// <summary>The segments joined by <c>/</c>; empty for the root.</summary>
    public string Path { get; }

    /// <summary>No folder: files go straight into the root.</summary>
    public static UploadFolder Root { get; } = new("");

    /// <summary>Reads the folder of the local doors, where <c>_</c> separates levels (<c>a_b</c> is <c>a/b</c>) and empty levels are
    /// dropped, as the clients' first server did.</summary>
    public static bool TryParseRoute([NotNullWhen(true)] string? text, [NotNullWhen(true)] out UploadFolder? folder) =>
        TryParse(text, '_', "", out folder);

    /// <summary>Reads a configured prefix, where <c>/</c> separates levels and <c>_</c> is an ordinary character.</summary>
    public static bool TryParsePrefix([NotNullWhen(true)] string? text, [NotNullWhen(true)] out UploadFolder? folder) =>
        TryParse(text, '/', "_", out folder);

    /// <summary>Reads a configured prefix that the validation has let pass.</summary>
    /// <exception cref="FormatException">The text is not a prefix.</exception>
    public static UploadFolder ParsePrefix(string text) =>
        TryParsePrefix(text, out var folder) ? folder : throw new FormatException("Not a prefix of keys.");

    /// <summary>The folder below another one.</summary>
    public UploadFolder Under(string parent) => new(Path.Length == 0 ? parent : $"{parent}/{Path}");

    public override string ToString() => Path;

    private static bool TryParse(string? text, char separator, string alsoAllowed, [NotNullWhen(true)] out UploadFolder? folder)
    {
        var segments = (text ?? "").Split(separator, StringSplitOptions.RemoveEmptyEntries);
        var valid = segments.Length is > 0 and <= MaxSegments && Array.TrueForAll(segments, segment => IsName(segment, alsoAllowed))
            && Encoding.UTF8.GetByteCount(string.Join('/', segments)) <= MaxBytes;
        folder = valid ? new UploadFolder(string.Join('/', segments)) : null;
        return valid;
    }

    private static bool IsName(string segment, string alsoAllowed)
    {
        if (segment.Length > MaxSegmentLength || segment[0] == '.' || segment[^1] == '.' || IsDevice(segment))
            return false;

        foreach (var c in segment)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.') && c is not (>= '\u4e00' and <= '\u9fa5') && !alsoAllowed.Contains(c))
                return false;
        }

        return true;
    }

    private static bool IsDevice(string segment)
    {
        var stem = segment.Split('.')[0].ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL"
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)));
    }
}
