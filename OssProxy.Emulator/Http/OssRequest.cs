using OssProxy.Emulator.Posts;

namespace OssProxy.Emulator.Http;

/// <summary>One request on its way to an operation: parsed, authenticated, its clock fixed.</summary>
internal sealed record OssRequest
{
    public required string Method { get; init; }

    public required RequestAddress Address { get; init; }

    public required IHeaderDictionary Headers { get; init; }

    public required RequestBody Body { get; init; }

    /// <summary>The server's time, a fault's skew included.</summary>
    public required DateTimeOffset Now { get; init; }

    public required SignatureForm Signature { get; init; }

    /// <summary>Whose signature it was; null when unsigned.</summary>
    public required EmulatorCredential? Signer { get; init; }

    /// <summary>The form of a PostObject, read up to its file.</summary>
    public PostForm? Form { get; init; }

    /// <summary>Bytes that a form's policy allows its file, both ends allowed.</summary>
    public (long Minimum, long Maximum) FileSize { get; init; } = PostPolicy.AnySize;

    public required string RequestId { get; init; }

    /// <summary>The uploader's IP address.</summary>
    public required string ClientAddress { get; init; }

    /// <summary>The rule that applies to this request, if one does.</summary>
    public FaultRule? Fault { get; init; }

    public bool IsHead => Method == "HEAD";

    public QueryParameters Query => Address.Query;

    /// <summary>The bucket of an operation that has one.</summary>
    public string Bucket => Address.Bucket!;

    /// <summary>The key of an operation that has one.</summary>
    public string Key => Address.Key!;

    /// <summary>The header's value, null when absent.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var value) ? value.ToString() : null;
}
