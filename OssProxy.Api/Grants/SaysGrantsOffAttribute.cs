using OssProxy.Api.Envelope;

namespace OssProxy.Api.Grants;

/// <summary>Without records there is nothing in which a grant could be remembered.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SaysGrantsOffAttribute : Attribute, IFailureText
{
    public string Phrase(Failure failure, string text) =>
        failure.Code == nameof(ApiError.RecordsOff) ? "没有启用上传记录（Records:Provider=none），不能直传" : text;
}
