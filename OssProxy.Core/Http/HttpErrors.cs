namespace OssProxy.Core.Http;

/// <summary>No connection came about: the name is unknown, nobody listens, the certificate is not believed, it took too long. Nothing of
/// the request has been sent.</summary>
public sealed class ConnectException(string message, Exception? innerException) : IOException(message, innerException);

/// <summary>What came is no answer of HTTP/1.0 or 1.1.</summary>
public sealed class ResponseFormatException(string message) : IOException(message);
