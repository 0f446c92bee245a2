using System.Security.Cryptography;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>
/// The body is written to a spool file first and sent from there, with its length and its MD5, which the store compares before it keeps
/// anything. One block of memory, the file's size on disk for as long as the upload lasts; the store's part can be repeated whole, because
/// the file can be read again. The file goes when its handle closes. The disk keeps a reserve: what would eat into it is refused, before
/// the first byte when the sender has announced as much, else at the byte.
/// </summary>
public sealed class TempTransfer(SpoolFolder folder, BufferBudget budget) : ITransfer
{
    /// <summary>How many bytes are written before the disk is looked at again. Asking costs a system call.</summary>
    internal const long BytesBetweenLooks = 16L * 1024 * 1024;

    public string Name => "temp";

    public long MaxBytes(NamedStore store) => store.MaxObjectBytes;

    public async Task<StoredObject> SendAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        var content = shipment.Content;
        await using var file = folder.Create();
        folder.KeepReserve(content.Length ?? content.LengthLimit ?? 0);
        var md5 = await FillAsync(file, content.Body, cancellationToken);
        file.Position = 0;
        await using var body = new SpooledBody(file);
        return await shipment.Store.Store.PutAsync(
            shipment.Key, content with { Body = body, Length = file.Length, ContentMd5 = md5 }, cancellationToken);
    }

    private async Task<string> FillAsync(FileStream file, Stream body, CancellationToken cancellationToken)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var look = BytesBetweenLooks;
        await budget.CopyAsync(
            body,
            (bytes, token) =>
            {
                if ((look -= bytes.Length) < 0)
                {
                    folder.KeepReserve(bytes.Length);
                    look = BytesBetweenLooks;
                }

                md5.AppendData(bytes.Span);
                return WriteAsync(file, bytes, token);
            },
            cancellationToken);
        return Convert.ToBase64String(md5.GetHashAndReset());
    }

    private static async ValueTask WriteAsync(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException failure)
        {
            throw new TransferException(TransferError.SpoolFailed, "Writing the spool file failed.", failure) { NeverSent = true };
        }
    }
}
