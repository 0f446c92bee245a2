using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Api.Uploads;
using OssProxy.Core.Grants;
using OssProxy.Core.Storage;

namespace OssProxy.Api.Grants;

/// <summary>
/// Where OSS says that an upload has ended. There is no door: the signature is looked at before anything else is. OSS waits five seconds, and
/// what takes longer than three is left to the keeper, because an answer that comes too late is none.
/// </summary>
[ApiController]
[SaysGrantsOff]
public sealed partial class CallbackController(GrantDesk desk, CallbackSignature signature, TimeProvider time, ILogger<CallbackController> log)
    : ControllerBase
{
    private const int LongestToken = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    [HttpPost("/oss/callback")]
    public async Task<Reply> ReceiveAsync()
    {
        var confirmation = desk.Confirmation;
        var body = await desk.BodyAsync(HttpContext);
        var target = HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var clock = new CancellationTokenSource(Patience, time);
        await RequireAsync(target, body, clock.Token);

        var fields = Fields.Parse(body, Request.ContentType);
        var bucket = Fields.Required("bucket", fields.Line("bucket", 1, 63));
        var key = GrantDesk.Key(Fields.Required("object", fields.Lines("object", ObjectKey.MaxBytes)));
        var token = fields.Line("grant", 0, LongestToken) ?? "";
        try
        {
            return Reply.Ok(await confirmation.ReportAsync(token, bucket, key, clock.Token) is { } record
                ? ImageRow.Of(record) : new Outcome(key.Value, "over"));
        }
        catch (Exception failure) when (failure is OperationCanceledException or StoreException)
        {
            LogPostponed(failure, key.Value);
            using var rest = new CancellationTokenSource(LastPatience, time);
            if (!await confirmation.LookSoonAsync(token, rest.Token))
                throw;
            return Reply.Ok(new Outcome(key.Value, "pending"));
        }
    }

    // Nobody is told that their record comes later before it is sure that the store has called.
    private async Task RequireAsync(string target, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            await signature.RequireAsync(
                target, body, Request.Headers[HeaderNames.Authorization], Request.Headers["x-oss-pub-key-url"], cancellationToken);
        }
        catch (OperationCanceledException late) when (cancellationToken.IsCancellationRequested)
        {
            throw new GrantException(GrantError.CallbackKeyUnavailable, "The key of the callback did not come in time.", late);
        }
    }

    /// <summary>What the uploader is told when the record comes later.</summary>
    private sealed record Outcome([property: JsonPropertyName("path")] string Path, [property: JsonPropertyName("status")] string Status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The callback for {Key} was answered before its record was made; the keeper makes it")]
    private partial void LogPostponed(Exception failure, string key);
}
