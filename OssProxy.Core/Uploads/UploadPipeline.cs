using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Uploads;

/// <summary>
/// The walk of one request's files: limit, sniff, policy, name, claim, transfer, then finish all of them together. Promises that after a
/// failure at any step neither an object nor a row of this request remains, now or as soon as the store and the database can be reached
/// again, and that the exception says whose failure it was. Costs one row written before and one after each file, and no copy of the body.
/// </summary>
public sealed partial class UploadPipeline(
    IUploadRecords records, UploadSettlement settlement, UndoDeadline undo, TimeProvider time, ILogger<UploadPipeline> log)
{
    /// <summary>Stores every file of the form, or none.</summary>
    /// <exception cref="UploadException">The client's fault, or a limit of ours.</exception>
    /// <exception cref="StoreException">The store's fault.</exception>
    /// <exception cref="RecordsException">The database's fault.</exception>
    /// <exception cref="Transfers.TransferException">Our spool folder's fault.</exception>
    public async Task<IReadOnlyList<UploadReceipt>> RunAsync(
        IIncomingForm form, UploadPolicy policy, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await using var batch = new UploadBatch(records, settlement, policy, undo);

        while (await form.NextFileAsync(cancellationToken) is { } file)
        {
            batch.MakeRoom();
            await using var body = new MeasuredStream(file.Body, policy.MaxFileBytes, () => TooLarge(policy));
            using var head = await BodyHead.ReadAsync(body, cancellationToken);
            var type = policy.Admit(head, file.Name);
            var key = policy.Name(type.ExtensionFor(file.Name?.Extension));
            var claim = await batch.ClaimAsync(key, type, file.Name, cancellationToken);
            await batch.SendAsync(claim, head.Replay(body), body, file.LongestLength, cancellationToken);
        }

        var receipts = await batch.FinishAsync(form.ClassId, time.GetUtcNow(), cancellationToken);
        foreach (var receipt in receipts)
        {
            LogStored(
                receipt.Path, receipt.Length, receipt.MediaType, policy.Store.Name, policy.Transfer.Name,
                (long)time.GetElapsedTime(began).TotalMilliseconds);
        }

        return receipts;
    }

    private static UploadException TooLarge(UploadPolicy policy) =>
        new(UploadError.FileTooLarge, $"A file is larger than {policy.MaxFileBytes} bytes.")
        {
            Limit = policy.MaxFileBytes,
        };

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Stored {Key}: {Bytes} bytes of {MediaType} in {Store} by {Transfer}, {Elapsed} ms")]
    private partial void LogStored(string key, long bytes, string mediaType, string store, string transfer, long elapsed);
}
