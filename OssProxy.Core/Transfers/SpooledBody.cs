using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>
/// A spool file as the body of a PUT: it can be rewound for another attempt, and a failure to read it is ours, not the store's and not the
/// client's. The file is not disposed.
/// </summary>
internal sealed class SpooledBody(Stream file) : ReadOnlyStream
{
    public override bool CanSeek => true;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await file.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException failure)
        {
            throw new TransferException(TransferError.SpoolFailed, "Reading the spool file failed.", failure);
        }
    }
}
