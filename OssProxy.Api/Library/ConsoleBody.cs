using System.Buffers;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Envelope;
using OssProxy.Api.Forms;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Library;

/// <summary>The body of a console's request, read whole because it is small. The framework's binding would take in as much as Kestrel lets
/// it, wait as long as the client likes, and fill members that nobody documented.</summary>
internal static class ConsoleBody
{
    /// <summary>The most that a body may hold, in bytes: a thousand ids of nineteen digits, three times over.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads all of it.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>: it is too long.</exception>
    /// <exception cref="UploadException">The client has gone, or sends too slowly, or has compressed it.</exception>
    public static async Task<byte[]> ReadAsync(HttpContext context, ClientPatience patience, TimeProvider time)
    {
        if (context.Request.Headers.TryGetValue(HeaderNames.ContentEncoding, out var encoding)
            && !"identity".Equals(encoding, StringComparison.OrdinalIgnoreCase))
            throw new UploadException(UploadError.EncodingNotSupported, "The request body is compressed.");
        if (context.Request.ContentLength > MaxBytes)
            throw TooLong();

        using var body = new ClientBody(context, patience, time);
        while (true)
        {
            var read = await body.ReadAsync(CancellationToken.None);
            if (read.Buffer.Length > MaxBytes)
                throw TooLong();
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                body.Use(read.Buffer.End);
                return bytes;
            }

            body.AskForMore();
        }
    }

    private static ApiException TooLong() => Fields.Invalid("请求体太大：不能超过 64 KB");
}
