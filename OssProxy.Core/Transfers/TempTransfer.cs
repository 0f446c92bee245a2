using System.Buffers;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Transfers;

/// <summary>
/// The body is written to a spool file first and sent from there with a known length. One small buffer, the file's size on disk for as long
/// as the upload lasts; the store's part can be repeated whole, because the file can be read again. The file goes when its handle closes.
/// </summary>
public sealed class TempTransfer(SpoolFolder folder) : ITransfer
{
    // Below the large-object heap's limit, and no smaller than what the form reader hands over at once.
    private const int BufferBytes = 64 * 1024;

    public string Name => "temp";

    public async Task<StoredObject> SendAsync(
        IObjectStore store, ObjectKey key, ObjectContent content, CancellationToken cancellationToken)
    {
        await using var file = folder.Create();
        await FillAsync(file, content.Body, cancellationToken);
        file.Position = 0;
        await using var body = new SpooledBody(file);
        return await store.PutAsync(key, content with { Body = body, Length = file.Length }, cancellationToken);
    }

    private static async Task FillAsync(FileStream file, Stream body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellationToken)) > 0)
                await WriteAsync(file, buffer.AsMemory(0, read), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task WriteAsync(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
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
