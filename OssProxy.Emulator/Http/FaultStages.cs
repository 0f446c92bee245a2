using System.Text;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Http;

/// <summary>The stages of a request at which a rule can strike, in the order of time.</summary>
internal static class FaultStages
{
    /// <summary>Before anything is done. A reply here takes the place of the work; null lets it go on.</summary>
    /// <param name="refusal">How the service that was asked words an error.</param>
    public static async Task<OssReply?> BeforeWorkAsync(
        ActiveFault? fault, HttpContext context, RequestBody body, Func<OssException, OssReply> refusal, CancellationToken cancellationToken)
    {
        if (fault is null)
            return null;

        var rule = fault.Rule;
        if (rule.Reset == FaultReset.BeforeBody)
        {
            Connection.Reset(context);
            throw new ClientGoneException();
        }

        if (rule.ConsumeBody && (rule.Stall || rule.Status is not null))
            await body.DiscardAsync(cancellationToken);

        if (rule.Stall)
            await fault.WaitForReleaseAsync(cancellationToken);

        return rule.Status is { } status ? Refusal(rule, status, refusal) : null;
    }

    /// <summary>The work is done; the reply is late, or never leaves.</summary>
    public static async Task BeforeReplyAsync(FaultRule? rule, HttpContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        if (rule is null)
            return;

        if (rule.Delay > TimeSpan.Zero)
            await Task.Delay(rule.Delay, time, cancellationToken);

        if (rule.Reset == FaultReset.BeforeReply)
        {
            Connection.Reset(context);
            throw new ClientGoneException();
        }
    }

    private static OssReply Refusal(FaultRule rule, int status, Func<OssException, OssReply> refusal)
    {
        var code = rule.Code ?? status switch
        {
            400 => "RequestTimeout",
            403 => "AccessDenied",
            404 => "NoSuchKey",
            503 => "ServiceUnavailable",
            _ => "InternalError",
        };
        return rule.Body switch
        {
            FaultBody.None => OssReply.Plain(status, body: null, contentType: null, code),
            FaultBody.Html => OssReply.Plain(status, Encoding.UTF8.GetBytes($"<html><body><h1>{status}</h1></body></html>"), "text/html", code),
            _ => refusal(new(status, code, rule.Message ?? "Please reduce your request rate.")),
        };
    }
}
