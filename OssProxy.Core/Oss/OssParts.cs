using System.Collections.Concurrent;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>An object of the store on its way in parts: keeps the duties of <see cref="IPartUpload"/>.</summary>
internal sealed class OssParts(OssMultipart multipart, OssPartUpload upload, ObjectContent content) : IPartUpload
{
    private readonly ConcurrentDictionary<int, OssPart> _parts = new();
    private volatile bool _inDoubt;
    private bool _over;

    public bool MayBeLeft { get; private set; }

    public async Task PutPartAsync(int number, Stream body, long? length, CancellationToken cancellationToken)
    {
        try
        {
            var part = await OssObjectStore.TellAsync(
                multipart.UploadPartAsync(upload, number, body, length, cancellationToken));
            _parts[number] = part;

            // A repetition that was answered does not end the attempt that was not.
            if (part.InDoubt)
                _inDoubt = true;
        }
        catch
        {
            // The store may still be at work on it, and what it then keeps may have survived an abort.
            _inDoubt = true;
            throw;
        }
    }

    public async Task<StoredObject> CompleteAsync(CancellationToken cancellationToken)
    {
        OssPart[] parts = [.. _parts.Values.OrderBy(part => part.Number)];
        var stored = await OssObjectStore.TellAsync(
            multipart.CompleteAsync(upload, parts, content.ForbidOverwrite, cancellationToken));
        _over = true;
        return new StoredObject(upload.Key, stored.Length, content.ContentType, stored.ETag, stored.Crc64, LastModified: null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_over)
            return;

        _over = true;
        MayBeLeft = !await multipart.AbortAsideAsync(upload, _inDoubt);
    }
}
