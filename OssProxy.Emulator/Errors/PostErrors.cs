using System.Globalization;

namespace OssProxy.Emulator.Errors;

/// <summary>The refusals that only a form upload knows.</summary>
internal static class PostErrors
{
    public static OssException MalformedRequest() => new OssException(
        400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.", "0006-00000104").Closing();

    public static OssException IncorrectNumberOfFiles() => new OssException(
        400, "IncorrectNumberOfFilesInPOSTRequest", "POST requires exactly one file upload per request.").Closing();

    public static OssException NotMultipart() =>
        new(400, "RequestIsNotMultiPartContent", "Bucket POST must be of the enclosure-type multipart/form-data.");

    public static OssException FieldTooLong(string name) => new OssException(
        400, "FieldItemTooLong", "Your POST request form field is too long.").With("FieldName", name).Closing();

    public static OssException FieldsTooLong() => new OssException(
        400, "MaxPOSTPreDataLengthExceededError", "Your POST request fields preceding the upload file were too large.", "0006-00000112").Closing();

    public static OssException MissingField(string name) =>
        OssErrors.InvalidArgument("The bucket POST must contain the specified field name.", name, "", name == "policy" ? "0002-00000702" : null);

    public static OssException InvalidPolicy(string reason, string? errorCode = null) =>
        new(400, "InvalidPolicyDocument", $"Invalid Policy: {reason}", errorCode);

    public static OssException PolicyExpired() => OssErrors.AccessDenied("Invalid according to Policy: Policy expired.");

    public static OssException ConditionFailed(string condition, string errorCode) =>
        OssErrors.AccessDenied($"Invalid according to Policy: Policy Condition failed: {condition}", errorCode);

    public static OssException EntityTooLarge(long maximum) =>
        new OssException(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.", "0006-00000004")
            .With("MaxSizeAllowed", maximum.ToString(CultureInfo.InvariantCulture)).Closing();

    public static OssException EntityTooSmall(long proposed, long minimum) =>
        new OssException(400, "EntityTooSmall", "Your proposed upload smaller than the minimum allowed size.", "0006-00000004")
            .With("ProposedSize", proposed.ToString(CultureInfo.InvariantCulture))
            .With("MinSizeAllowed", minimum.ToString(CultureInfo.InvariantCulture));
}
