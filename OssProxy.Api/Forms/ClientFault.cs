using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>What Kestrel throws while a client's body is read, as the client's fault. Nobody else may throw there, so nothing of the store's
/// or ours is ever renamed.</summary>
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
        BadHttpRequestException { Message: UnexpectedEnd } => Closed(failure),
        BadHttpRequestException => new(UploadError.FormMalformed, "The request's framing is broken.", failure),
        // A reset is an IOException; what else the network says of a client (no route any more, no answer to keep-alive) comes bare.
        IOException or SocketException or ConnectionAbortedException => Closed(failure),
        OperationCanceledException when context.RequestAborted.IsCancellationRequested => Closed(failure),
        _ => null,
    };

    private static UploadException Closed(Exception failure) =>
        new(UploadError.ClientClosed, "The client closed the connection inside the body.", failure);
}
