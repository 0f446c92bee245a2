using Microsoft.AspNetCore.Connections;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>What Kestrel and the form reader throw while a client's body is read, as the client's fault. They are the only ones who may
/// throw there, so nothing of the store's or ours is ever renamed.</summary>
public static class ClientFault
{
    // Kestrel's text for a connection that ended inside a body. The reason itself is internal to Kestrel; a test sends such a body.
    private const string UnexpectedEnd = "Unexpected end of request content.";

    /// <summary>The exception to throw in place of <paramref name="failure"/>; null when it is none of reading.</summary>
    public static UploadException? Of(Exception failure, HttpContext context) => failure switch
    {
        UploadException => null,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new(UploadError.FileTooLarge, "The request is larger than allowed.", failure),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
            new(UploadError.ClientIdle, "The client sends more slowly than the minimum rate.", failure),
        BadHttpRequestException { Message: UnexpectedEnd } => Closed(failure),
        BadHttpRequestException => new(UploadError.FormMalformed, "The request's framing is broken.", failure),
        ConnectionResetException or ConnectionAbortedException => Closed(failure),
        OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested => Closed(failure),
        // The form reader: limits are InvalidDataException, an end before the closing boundary is IOException.
        InvalidDataException => new(UploadError.FormTooComplex, "A limit or rule of the form is broken: " + failure.Message, failure),
        IOException => new(UploadError.FormMalformed, "The form ends before its closing boundary.", failure),
        _ => null,
    };

    private static UploadException Closed(Exception failure) =>
        new(UploadError.ClientClosed, "The client closed the connection inside the body.", failure);
}
