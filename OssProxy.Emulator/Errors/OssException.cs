namespace OssProxy.Emulator.Errors;

/// <summary>
/// A refusal as the service words it: an HTTP status and the error document that goes with it (XML of OSS, JSON of STS).
/// Thrown by whatever decides, turned into a reply in one place.
/// </summary>
internal sealed class OssException(int status, string code, string message, string? errorCode = null) : Exception(message)
{
    private readonly List<KeyValuePair<string, string>> _elements = [];

    public int Status { get; } = status;

    /// <summary>The stable name, e.g. <c>NoSuchKey</c>; what programs decide by.</summary>
    public string Code { get; } = code;

    /// <summary>The EC number such as <c>0026-00000001</c>, null where none has been published.</summary>
    public string? ErrorCode { get; } = errorCode;

    /// <summary>Elements that only this code carries, in the order in which they are written.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Elements => _elements;

    /// <summary>The body is not what the request said, so nothing after it can be trusted to be a request.</summary>
    public bool ClosesConnection { get; private set; }

    public OssException With(string element, string value)
    {
        _elements.Add(new(element, value));
        return this;
    }

    public OssException Closing()
    {
        ClosesConnection = true;
        return this;
    }
}

/// <summary>The client went away while we read or wrote: nobody is left to answer.</summary>
internal sealed class ClientGoneException(Exception? inner = null) : Exception("The client left.", inner);
