using Microsoft.AspNetCore.Http.Features;
using OssProxy.Api.Hosting;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Envelope;

/// <summary>
/// What becomes of a body that a refusal has left unread. After the answer Kestrel takes in the rest for 5 seconds at most, so that a
/// client which listens only after it has sent all hears why it was refused; a connection on which there was more than that is closed,
/// any other serves its next request. Three cases are decided here, before the answer is written. HTTP/2 has streams and needs none.
/// </summary>
internal static class UnreadBody
{
    // A server that refuses because it has too much to do takes in no more than a photo for the sake of being heard.
    private const long MostWhenFull = 1024 * 1024;

    /// <summary>Closes the connection where it cannot or should not be used again.</summary>
    public static void Prepare(HttpContext context, Failure failure)
    {
        if (!HttpProtocol.IsHttp11(context.Request.Protocol))
            return;

        var stops = context.RequestServices.GetRequiredService<UploadDrain>().IsStopping;
        var isFull = failure.Code == nameof(UploadError.TooManyUploads);
        var size = context.Features.Get<IHttpMaxRequestBodySizeFeature>();
        var isUnread = size is { IsReadOnly: false };

        // Kestrel's clock stands still while it stops: a rest that does not come would hold the stop to its very end.
        if (isUnread && (stops || isFull))
            size!.MaxRequestBodySize = stops ? 0 : MostWhenFull;

        // Never told to continue, a client sends either its body or its next request, and nothing tells the one from the other.
        if (stops || isFull || (isUnread && context.Request.Headers.Expect.Count > 0))
            context.Response.Headers.Connection = "close";
    }
}
