using Microsoft.Extensions.Options;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Forms;
using OssProxy.Api.Hosting;
using OssProxy.Api.Uploads;
using OssProxy.Core.Grants;
using OssProxy.Core.Identity;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Grants;

/// <summary>Walks a posted form through the same pipeline as every upload. The policy lets it in, and nothing else is asked for: whoever fetched
/// it had to say who they are.</summary>
/// <param name="gateway">Null where no records are kept.</param>
public sealed class GatewayDesk(
    UploadPipeline pipeline, UploadPolicies policies, OpenUploads open, UploadDrain drain, RateLimits rates, IOptions<UploadOptions> options,
    TimeProvider time, GatewayForm? gateway = null)
{
    private readonly ClientPatience _patience =
        new(options.Value.IdleTimeout, options.Value.RateWindow, options.Value.MinBytesPerSecond, options.Value.TimeBudget);

    /// <summary>Stores the file of a form.</summary>
    /// <returns>What was stored, and what the form wants to be answered with.</returns>
    internal async Task<(UploadReceipt Receipt, string? Status)> StoreAsync(HttpContext context)
    {
        var judge = gateway ?? throw new ApiException(ApiError.RecordsOff);
        var address = CallerAddress.Of(context);
        IAsyncDisposable? share = null;
        try
        {
            var letInAt = time.GetTimestamp();
            await rates.RequireAsync(address, drain.Expired);
            await policies.RequireLengthAsync(policies.MainDoor(1, transfer: null, new Sender("", "")), context.Request.ContentLength, drain.Expired);
            using var place = open.Enter();
            using var form = new PostedForm(context, _patience, letInAt, time, JudgeAsync);
            var receipts = await pipeline.RunAsync(form, (classId, cancellationToken) => PolicyAsync(form.Admission, classId, cancellationToken), drain.Expired);
            await judge.DoneAsync(form.Admission, drain.Expired);
            return (receipts[0], form.Field("success_action_status"));

            async Task<GatewayAdmission> JudgeAsync(
                IReadOnlyDictionary<string, string> fields, string? fileName, CancellationToken cancellationToken)
            {
                var admission = await judge.JudgeAsync(fields, fileName, cancellationToken);
                share = await rates.EnterAsync(CallerOf(admission.Grant.Owner), address, cancellationToken);
                return admission;
            }
        }
        catch (OperationCanceledException cancelled) when (drain.Expired.IsCancellationRequested)
        {
            throw new UploadException(UploadError.ServerStopping, "The server stops and has waited long enough.", cancelled);
        }
        finally
        {
            if (share is not null)
                await share.DisposeAsync();
        }
    }

    private async Task<UploadPolicy> PolicyAsync(GatewayAdmission admission, long classId, CancellationToken cancellationToken)
    {
        var door = policies.MainDoor(1, transfer: null, admission.Sender) with
        {
            Name = (_, _) => admission.Key,
            GrantId = admission.Grant.Id,
        };
        var policy = await policies.ForAsync(door, classId, cancellationToken);
        return policy with { MaxFileBytes = Math.Min(policy.MaxFileBytes, admission.MaxBytes) };
    }

    private static Caller CallerOf(string owner) =>
        owner.Length == 0 || owner.StartsWith("guest:", StringComparison.Ordinal) ? Caller.Stranger : new Caller(CallerKind.User, owner, "");
}
