using OssProxy.Api.Envelope;

namespace OssProxy.Api.Library;

/// <summary>The words in which the clients of a route have always been told of one error.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class SaysAttribute(string code, string words) : Attribute, IFailureText
{
    /// <summary>The <c>errorCode</c>.</summary>
    public string Code { get; } = code;

    /// <summary>What is said instead of the table's text.</summary>
    public string Words { get; } = words;

    public string Phrase(Failure failure, string text) => failure.Code == Code ? Words : text;
}
