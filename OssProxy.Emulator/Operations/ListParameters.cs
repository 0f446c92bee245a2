using System.Globalization;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Operations;

/// <summary>Parameters that all listings share.</summary>
internal static class ListParameters
{
    /// <summary>A page size from 1 to 1000.</summary>
    public static int Maximum(QueryParameters query, string name, int byDefault) => query[name] switch
    {
        null or "" => byDefault,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1000 => number,
        var text => throw OssErrors.InvalidArgument($"Argument {name} must be an integer between 1 and 1000.", name, text),
    };

    public static KeyEncoding Encoding(QueryParameters query) => query["encoding-type"] switch
    {
        null or "" => new(IsUrl: false),
        "url" => new(IsUrl: true),
        var text => throw OssErrors.InvalidArgument("Invalid Encoding Method specified in Request.", "encoding-type", text),
    };
}

/// <summary>
/// Keys percent-encoded when asked for. Blank and plus become <c>%20</c> and <c>%2B</c>: clients decode some with and
/// some without form rules.
/// </summary>
internal readonly record struct KeyEncoding(bool IsUrl)
{
    public string Apply(string text) => IsUrl ? PercentEncoding.Encode(text) : text;
}
