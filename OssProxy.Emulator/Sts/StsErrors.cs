using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Sts;

/// <summary>
/// The closed list of refusals of STS, with the wording of the AssumeRole reference. Statuses that no page gives are those of the
/// gateway that all RPC products share (E30).
/// </summary>
internal static class StsErrors
{
    public static OssException MissingParameter(string name) =>
        new(400, "MissingParameter", $"The input parameter \"{name}\" that is mandatory for processing this request is not supplied.");

    public static OssException InvalidParameter(string name, string reason) =>
        new(400, "InvalidParameter", $"The parameter {name} is invalid. {reason}");

    public static OssException RoleArn() => new(400, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.");

    public static OssException RoleSessionName() =>
        new(400, "InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed.");

    public static OssException DurationSeconds(TimeSpan maximum) =>
        new(400, "InvalidParameter.DurationSeconds", $"The Min/Max value of DurationSeconds is 15min/{maximum.TotalHours:0.##}hr.");

    public static OssException PolicySize() =>
        new(400, "InvalidParameter.PolicySize", "The size of Policy must be between 1 and 2048 characters.");

    public static OssException NoPermission() =>
        new(403, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.");

    public static OssException NoSuchRole() => new(404, "EntityNotExist.Role", "The specified Role not exists.");

    public static OssException NoSuchAction() => new(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.");

    public static OssException InvalidVersion() => new(400, "InvalidVersion", "Specified parameter Version is not valid.");

    public static OssException NoSuchKey() => new(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");

    public static OssException MissingSecurityToken() => new(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.");

    public static OssException WrongSecurityToken() =>
        new(400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey.");

    public static OssException ExpiredSecurityToken() => new(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.");

    /// <summary>Shows the string that was signed here: the best aid there is for whoever writes a client.</summary>
    public static OssException SignatureDoesNotMatch(string stringToSign) => new(
        400, "SignatureDoesNotMatch", $"Specified signature is not matched with our calculation. server string to sign is:{stringToSign}");

    public static OssException IncompleteSignature(string reason) =>
        new(400, "IncompleteSignature", $"The request signature does not conform to Aliyun standards. {reason}");

    public static OssException SignatureNonceUsed() => new(400, "SignatureNonceUsed", "Specified signature nonce was used already.");

    public static OssException TimeStampFormat() => new(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.");

    public static OssException TimeStampExpired() => new(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.");

    /// <summary>Here it means that a bounded memory is full.</summary>
    public static OssException Throttled() => new(400, "Throttling.User", "Request was denied due to user flow control.");

    /// <summary>What the service has and this server has not; answering something else would mislead.</summary>
    public static OssException NotBuilt(string feature) => new(501, "NotImplemented", $"{feature} is not implemented by this server.");
}
