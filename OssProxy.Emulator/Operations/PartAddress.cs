using System.Globalization;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Operations;

/// <summary>Upload and part number of a part request: 1 to 10000 (EC 0017-00000220).</summary>
internal static class PartAddress
{
    private const int MaxNumber = 10000;

    public static (string UploadId, int Number) Of(OssRequest request)
    {
        var text = request.Query["partNumber"] ?? "";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxNumber
            ? (request.Query["uploadId"] ?? "", number)
            : throw OssErrors.InvalidArgument("Part number must be an integer between 1 and 10000, inclusive.", "PartNumber", text, "0017-00000220");
    }
}
