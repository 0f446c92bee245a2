using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;

namespace OssProxy.Core.Uploads;

/// <summary>
/// The files of one request, from claim to finish. Disposing it before it is finished undoes all of them, under a deadline of its own,
/// because the client whose token might be used has usually gone. What cannot be undone now, or not for certain, is handed to
/// <see cref="UploadSettlement"/> and its row stays until that has settled it.
/// </summary>
internal sealed class UploadBatch(
    IUploadRecords records, UploadSettlement settlement, UploadPolicy policy, UndoDeadline undo) : IAsyncDisposable
{
    private readonly List<ClaimedFile> _files = [];
    private bool _finished;

    /// <summary>Refuses one file more than the policy allows, before anything is done for it.</summary>
    public void MakeRoom()
    {
        if (_files.Count == policy.MaxFiles)
            throw new UploadException(UploadError.FormTooComplex, $"The form holds more than {policy.MaxFiles} files.");
    }

    /// <summary>Writes the pending row, before the first byte leaves.</summary>
    public async Task<ClaimedFile> ClaimAsync(ClaimedFile file, CancellationToken cancellationToken)
    {
        file.Url = policy.Store.Links.For(file.Key);
        var upload = new NewUpload(policy.Store.Name, file.Key, file.Url, file.Type.MediaType, file.Name?.Value)
        {
            Bucket = policy.Store.Bucket,
            Name = policy.KeepName ? file.Name?.Stem ?? "" : "",
            Owner = policy.Owner,
            CreatedBy = policy.CreatedBy,
            GrantId = policy.GrantId,
            Width = file.Size?.Width,
            Height = file.Size?.Height,
            MainColor = file.MainColor,
        };
        file.Id = await records.ClaimAsync(upload, cancellationToken);
        _files.Add(file);
        return file;
    }

    /// <summary>Sends a claimed file. <paramref name="source"/> tells whether the body had ended when something failed.</summary>
    /// <param name="length">The body's bytes, where they are known because it has been made here; null while they arrive.</param>
    /// <param name="longest">The most bytes that the client's request leaves room for; null when unknown.</param>
    public async Task SendAsync(
        ClaimedFile claim, Stream body, MeasuredStream source, long? length, long? longest, CancellationToken cancellationToken)
    {
        var content = new ObjectContent
        {
            Body = body,
            Length = length,
            LengthLimit = longest,
            ContentType = claim.Type.MediaType,
            ContentDisposition = ContentDisposition.For(claim.Type, claim.DownloadName, policy.AsAttachment, policy.KeepName),
        };
        // The limit is for what a client sends: what the class makes of it may be larger.
        var shipment = new Shipment(policy.Store, claim.Key, content) { MaxBytes = length ?? policy.MaxFileBytes };
        try
        {
            claim.Stored = await policy.Transfer.SendAsync(shipment, cancellationToken);
            claim.Left = Remains.Object;
            claim.ReceivedBytes = source.Count;
        }
        catch (Exception failure)
        {
            // Without its end a body makes no object, and neither do parts that nobody asked to be joined.
            var left = source.Ended && shipment.PartsLeft != false ? AfterFailure(failure) : Remains.Nothing;
            claim.Left = shipment.PartsLeft != true ? left : left == Remains.Nothing ? Remains.Parts : Remains.Unknown;
            throw;
        }
    }

    /// <summary>Makes all rows stored, together.</summary>
    /// <param name="final">The policy of the class that the whole form names, as it is now.</param>
    /// <returns>Null when that class has gone since its policy was asked; nothing has changed then.</returns>
    public async Task<IReadOnlyList<UploadReceipt>?> FinishAsync(
        UploadPolicy final, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(final, policy))
            _files.ForEach(file => final.AdmitStored(policy, file.Received, file.ReceivedBytes));

        // From here on the database alone knows: the answer to a commit can be lost after the commit.
        foreach (var file in _files)
            file.Left = Remains.RowDecides;
        try
        {
            await records.FinishAsync(
                [.. _files.Select(file => new FinishedUpload(file.Id, file.Stored!.Length, file.Stored.Crc64) { Sha256 = file.Sha256 })],
                new Filing(final.ClassId, now) { Usage = final.Usage }, cancellationToken);
        }
        catch (RecordsException failure) when (failure.Error != RecordsError.RecordsUnavailable)
        {
            // The database has answered that no row has changed. After a lost claim nothing but this request remembers its object.
            foreach (var file in _files)
                file.Left = failure.Error == RecordsError.ClaimLost ? Remains.Orphan : Remains.Object;
            if (failure.Error == RecordsError.ClassNotFound)
                return null;
            throw;
        }

        _finished = true;
        return [.. _files.Select(file => file.Receipt(final.NamedClassId, now))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_finished || _files.Count == 0)
            return;

        using var deadline = undo.Start();
        foreach (var file in _files)
            await UndoAsync(file, deadline.Token);
    }

    private async Task UndoAsync(ClaimedFile file, CancellationToken deadline)
    {
        if (file.Left is Remains.Unknown or Remains.Parts or Remains.RowDecides)
        {
            settlement.Take(file.Id, policy.Store.Name, file.Key, file.Left);
            return;
        }

        try
        {
            if (file.Left is Remains.Object or Remains.Orphan)
                await policy.Store.Store.DeleteAsync(file.Key, deadline);
            await records.ReleaseAsync(file.Id, deadline);
        }
        catch (Exception failure) when (failure is StoreException or RecordsException or OperationCanceledException)
        {
            settlement.Take(file.Id, policy.Store.Name, file.Key, file.Left);
        }
    }

    // What a failed send can have left, given that the whole body was there to be sent.
    private static Remains AfterFailure(Exception failure) => failure switch
    {
        StoreException { MayBeStored: true } => Remains.Unknown,
        // The store answered. A refusal means that it never took the object; a key that was taken holds somebody else's.
        StoreException
        {
            Error: StoreError.StoreAccessDenied or StoreError.StoreMisconfigured or StoreError.StoreFull or StoreError.ObjectExists
        } => Remains.Nothing,
        StoreException { MayBeStored: false } or TransferException { NeverSent: true } or UploadException => Remains.Nothing,
        StoreException { Error: StoreError.StoreBusy or StoreError.StoreFailed or StoreError.ChecksumMismatch } => Remains.Object,
        // No answer: it may still be at work on what we sent.
        _ => Remains.Unknown,
    };
}
