using System.Globalization;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Hosting;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>
/// Records as a file, row by row as they come out of the database: a few rows are in memory, however many there are. What cannot be
/// answered whole must not look whole, so a failure after the first byte ends the connection. A stop that has run out of patience is one.
/// </summary>
public sealed partial class ImageExport(UploadDrain drain, ILogger<ImageExport> log)
{
    private const int FlushBytes = 16 * 1024;

    /// <summary>Writes the whole answer.</summary>
    /// <param name="read">Reads the rows, until its token is cancelled.</param>
    internal async Task WriteAsync(
        HttpContext context, Func<CancellationToken, IAsyncEnumerable<ImageRecord>> read, ExportFormat format, ConsoleClock clock)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Expired);

        // Before the answer begins: a database that is away is told as ever.
        await using var rows = read(ended.Token).GetAsyncEnumerator(ended.Token);
        var isRow = await rows.MoveNextAsync();
        Begin(context.Response, format, clock);
        try
        {
            var writer = context.Response.BodyWriter;
            format.WriteBegin(writer);
            for (; isRow; isRow = await rows.MoveNextAsync())
            {
                format.Write(ConsoleImage.Of(rows.Current, clock), writer);
                if (writer.UnflushedBytes >= FlushBytes)
                    await writer.FlushAsync(ended.Token);
            }

            await writer.FlushAsync(ended.Token);
        }
        catch (Exception failure)
        {
            if (!context.RequestAborted.IsCancellationRequested)
                LogBroken(failure);
            context.Abort();
        }
    }

    private static void Begin(HttpResponse response, ExportFormat format, ConsoleClock clock)
    {
        response.ContentType = format.MediaType;
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment")
        {
            FileName = string.Create(CultureInfo.InvariantCulture, $"images-{clock.Today()}.{format.Name}"),
        }.ToString();
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An export broke off, and its client was cut off")]
    private partial void LogBroken(Exception failure);
}
