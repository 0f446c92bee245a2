using System.Buffers;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Uploads;

/// <summary>The first bytes of a file, looked at before anything is decided and then delivered again.</summary>
public sealed class BodyHead : IDisposable
{
    private byte[]? _buffer;

    private BodyHead(byte[] buffer, int length)
    {
        _buffer = buffer;
        Bytes = buffer.AsMemory(0, length);
    }

    /// <summary>The bytes, until they are delivered again; at most <see cref="FileTypeCatalog.HeadBytes"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether the file has no more bytes than these.</summary>
    public bool IsWhole => Bytes.Length < FileTypeCatalog.HeadBytes;

    /// <summary>Reads the head; <see cref="Replay"/> gives the file back in full.</summary>
    public static async ValueTask<BodyHead> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FileTypeCatalog.HeadBytes);
        try
        {
            var wanted = buffer.AsMemory(0, FileTypeCatalog.HeadBytes);
            var length = await body.ReadAtLeastAsync(wanted, wanted.Length, throwOnEndOfStream: false, cancellationToken);
            return new BodyHead(buffer, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>The file from its first byte on. The buffer goes back as soon as it has been read again: an upload may take hours, and its
    /// head is needed for no longer.</summary>
    public Stream Replay(Stream body) => new PrefixedStream(Bytes, body, Dispose);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
