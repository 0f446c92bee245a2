using System.Collections.Immutable;
using System.Globalization;
using OssProxy.Core.Images;

namespace OssProxy.Core.Derivatives;

/// <summary>Which of a style's formats a client prefers.</summary>
public static class AcceptedFormats
{
    // What clients send has a few dozen characters; nobody needs more looked at.
    private const int LongestHeader = 1024;

    /// <summary>The format of the highest weight that the header names itself, the style's order deciding between equals; <see
    /// cref="ImageFormat.Source"/> for none. <c>image/*</c> and
    /// <c>*/*</c> name nothing: clients send them that can show neither format.</summary>
    public static ImageFormat Choose(ImmutableArray<ImageFormat> offered, string? accept)
    {
        if (string.IsNullOrEmpty(accept) || accept.Length > LongestHeader)
            return ImageFormat.Source;

        var (best, highest) = (ImageFormat.Source, 0.0);
        foreach (var format in offered)
        {
            var weight = WeightOf("image/" + format.Word(), accept);
            if (weight > highest)
                (best, highest) = (format, weight);
        }

        return best;
    }

    private static double WeightOf(string mediaType, string accept)
    {
        foreach (var range in accept.Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (!parts[0].Equals(mediaType, StringComparison.OrdinalIgnoreCase))
                continue;
            var weight = Array.Find(parts, part => part.StartsWith("q=", StringComparison.OrdinalIgnoreCase));
            if (weight is null)
                return 1;
            return double.TryParse(weight.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) && q <= 1 ? q : 0;
        }

        return 0;
    }
}
