using OssProxy.Core.Streams;

namespace OssProxy.Core.Storage;

/// <summary>A run of bytes of an open file, read forwards; owns the file.</summary>
internal sealed class FileSlice(FileStream file, ObjectKey key, long length) : ReadOnlyStream
{
    private long _left = length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length > _left)
            buffer = buffer[..(int)_left];
        if (buffer.IsEmpty)
            return 0;

        try
        {
            var read = await file.ReadAsync(buffer, cancellationToken);
            if (read == 0)
                throw new StoreException(StoreError.StoreFailed, $"The file of '{key}' has become shorter.");
            _left -= read;
            return read;
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.Of(failure, key);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await file.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
