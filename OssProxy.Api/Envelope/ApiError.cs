namespace OssProxy.Api.Envelope;

/// <summary>Failures that belong to HTTP itself. The names are stable and appear as <c>errorCode</c>.</summary>
public enum ApiError
{
    /// <summary>No such route.</summary>
    RouteNotFound,

    /// <summary>The route exists, but not for this method.</summary>
    MethodNotAllowed,

    /// <summary>No such file under <c>/public/uploads</c>.</summary>
    FileNotFound,

    /// <summary>The request cannot be understood.</summary>
    RequestInvalid,

    /// <summary>A field of a request, or a parameter in its address, is missing or cannot be used.</summary>
    FieldInvalid,

    /// <summary>The deployment keeps no records, so there is no library.</summary>
    RecordsOff,

    /// <summary>A fault of the server that nobody foresaw; the log has it under the request id.</summary>
    InternalError,
}

/// <summary>A request that HTTP itself already answers with a failure.</summary>
public sealed class ApiException(ApiError error) : Exception(error.ToString())
{
    /// <summary>Which one.</summary>
    public ApiError Error { get; } = error;

    /// <summary>What is told instead of the table's text, in Chinese; null for that.</summary>
    public string? Text { get; init; }
}
