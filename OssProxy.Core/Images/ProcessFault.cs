using System.Globalization;
using System.Text;

namespace OssProxy.Core.Images;

/// <summary>The faults that can be found in the text alone, in the words of OSS. Numbers are the last three digits of its EC,
/// and only those that its manual names: a fault without one has none.</summary>
internal static class ProcessFault
{
    // A text that is quoted in a message goes into logs and XML: short, and nothing in it that a line or XML 1.0 cannot carry.
    private const int QuotedChars = 64;

    /// <summary>OSS's error number.</summary>
    public static string Ec(int number) => string.Create(CultureInfo.InvariantCulture, $"0040-{number:D8}");

    /// <summary>A value that is outside its range, or none.</summary>
    public static ImageException Value(string parameter, string value, int? ec = null) =>
        Invalid($"The value: {Quoted(value)} of parameter: {parameter} is invalid.", ec);

    /// <summary>A parameter that has to be there.</summary>
    public static ImageException Missing(string action, string parameter, int? ec = null) =>
        Invalid($"The parameter: {parameter} of action: {action} is missing.", ec);

    /// <summary>An action or stage that nobody knows.</summary>
    public static ImageException Unknown(string action) => Invalid($"Unsupported action: {Quoted(action)}.", 213);

    /// <summary>A stage without an action, or an action without a name.</summary>
    public static ImageException NoAction() => Invalid("No action is specified.", 212);

    /// <summary>Any other fault of an argument.</summary>
    public static ImageException Invalid(string message, int? ec = null) =>
        new(ImageError.ProcessInvalid, "InvalidArgument", message, ec is { } number ? Ec(number) : null);

    /// <summary>A value that should be Base64 and is not.</summary>
    public static ImageException NotBase64(int? ec = null) =>
        new(ImageError.ProcessRefused, "BadRequest", "Input is not base64 decoding.", ec is { } number ? Ec(number) : null);

    /// <summary>More image watermarks than one process may have.</summary>
    public static ImageException TooManyMarks() =>
        new(ImageError.WatermarkRefused, "WatermarkError", "The number of watermark images exceeds the limit.", Ec(26));

    /// <summary>More stages than one value may have.</summary>
    public static ImageException TooManyPipes() =>
        new(ImageError.TooManyPipes, "TooManyPipes", "The number of pipes exceeds the limit.", Ec(211));

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(Math.Min(text.Length, QuotedChars));
        foreach (var rune in text.EnumerateRunes())
        {
            if (quoted.Length >= QuotedChars)
                return quoted.Append('…').ToString();
            if (Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF)
                quoted.Append('?');
            else
                quoted.Append(rune);
        }

        return quoted.ToString();
    }
}
