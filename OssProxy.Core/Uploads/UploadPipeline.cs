using Microsoft.Extensions.Logging;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Uploads;

/// <summary>The policy for a class; as <see cref="UploadPolicies.ForAsync"/>, for one door.</summary>
public delegate Task<UploadPolicy> PolicyOf(long classId, CancellationToken cancellationToken);

/// <summary>
/// The walk of one request's files: policy, limit, sniff, name, claim, transfer, then finish all of them together. Promises that after a
/// failure at any step neither an object nor a row of this request remains, now or as soon as the store and the database can be reached
/// again, and that the exception says whose failure it was. Costs one row written before and one after each file, and no copy of the body.
/// </summary>
public sealed partial class UploadPipeline(
    IUploadRecords records, UploadSettlement settlement, PictureTreatments treatments, UndoDeadline undo, TimeProvider time,
    ILogger<UploadPipeline> log)
{
    // A form may be open for hours, in which a class is closed or goes, or its sender is shut out.
    private static readonly TimeSpan PolicyIsFresh = TimeSpan.FromSeconds(1);

    /// <summary>Stores every file of the form, or none.</summary>
    /// <param name="policyOf">Asked when the first file begins, for the class that the form has named by then, and once more at the end when it
    /// has named another one, or has taken longer than a second.</param>
    /// <exception cref="UploadException">The client's fault, or a limit of ours.</exception>
    /// <exception cref="StoreException">The store's fault.</exception>
    /// <exception cref="RecordsException">The database's fault.</exception>
    /// <exception cref="Transfers.TransferException">Our spool folder's fault.</exception>
    /// <exception cref="Images.ImageException">The class treats its pictures, and this one cannot be.</exception>
    public async Task<IReadOnlyList<UploadReceipt>> RunAsync(IIncomingForm form, PolicyOf policyOf, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var file = await form.NextFileAsync(cancellationToken)
            ?? throw new UploadException(UploadError.FileMissing, "The form holds no file.");
        var policy = await policyOf(form.ClassId, cancellationToken);
        policy.RequireLength(form.AnnouncedLength);
        form.GiveTime(policy.TimeBudget);

        await using var batch = new UploadBatch(records, settlement, policy, undo);
        for (var next = file; next is not null; next = await form.NextFileAsync(cancellationToken))
        {
            batch.MakeRoom();
            using var hash = policy.Sha256 ? new HashedStream(next.Body) : null;
            await using var body = new MeasuredStream(hash ?? next.Body, policy.MaxFileBytes, policy.TooLarge);
            using var head = await BodyHead.ReadAsync(body, cancellationToken);
            var type = policy.Admit(head, next.Name);
            var size = PictureSize.Of(type, head.Bytes.Span);
            await using var picture = policy.Treatment?.Concerns(type) == true
                ? await treatments.TreatAsync(policy.Treatment, type, next with { Body = head.Replay(body) }, cancellationToken)
                : null;
            var key = policy.Name(policy.Folder, (picture?.Type ?? type).ExtensionFor(next.Name?.Extension));
            var claim = await batch.ClaimAsync(
                new ClaimedFile(key, type, picture?.Type ?? type, picture is null ? size : picture.Size, next.Name) { MainColor = picture?.MainColor },
                cancellationToken);
            await batch.SendAsync(
                claim, picture?.Body() ?? head.Replay(body), body, picture?.Length, picture?.Length ?? next.LongestLength, cancellationToken);
            claim.Sha256 = hash is null ? null : picture is null ? hash.Sha256 : await picture.Sha256Async(cancellationToken);
        }

        var isCertain = form.ClassId == policy.NamedClassId && time.GetElapsedTime(form.LetInAt) < PolicyIsFresh;
        var receipts = await batch.FinishAsync(
            isCertain ? policy : await policyOf(form.ClassId, cancellationToken), time.GetUtcNow(), cancellationToken)
            // The class has gone in this moment: what that means depends on who asks.
            ?? await batch.FinishAsync(await policyOf(form.ClassId, cancellationToken), time.GetUtcNow(), cancellationToken)
            ?? throw new RecordsException(RecordsError.ClassNotFound, $"Class {form.ClassId} has gone.");
        foreach (var receipt in receipts)
        {
            LogStored(
                receipt.Path, receipt.Length, receipt.MediaType, policy.Store.Name, policy.Transfer.Name,
                (long)time.GetElapsedTime(began).TotalMilliseconds);
        }

        return receipts;
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Stored {Key}: {Bytes} bytes of {MediaType} in {Store} by {Transfer}, {Elapsed} ms")]
    private partial void LogStored(string key, long bytes, string mediaType, string store, string transfer, long elapsed);
}
