using System.Security.Cryptography;

namespace OssProxy.Emulator.Storage;

/// <summary>
/// Takes a body into a file in the temp folder and computes MD5 and CRC-64 on the way. Until
/// <see cref="Keep"/> moves the file to its place nothing exists; disposing without it leaves nothing.
/// Not flushed to the platter: what a killed process wrote survives in the page cache, a power cut is not promised.
/// </summary>
internal sealed class BlobWriter : IAsyncDisposable
{
    // Kestrel hands over pieces of 4 KiB; each write of a file costs a hop to the thread pool. Below the large object heap.
    private const int BufferBytes = 64 << 10;

    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly FileStream _file;
    private Crc64 _crc;
    private byte[]? _digest;
    private bool _kept;

    public BlobWriter(string tempFolder) => _file = new(
        Path.Combine(tempFolder, Guid.NewGuid().ToString("N")), FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, FileOptions.Asynchronous);

    public long Length { get; private set; }

    public ulong Crc64 => _crc.Value;

    /// <summary>MD5 of what has been written; asking ends the writing.</summary>
    public byte[] Md5 => _digest ??= _md5.GetHashAndReset();

    public string ETag => Convert.ToHexString(Md5);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _md5.AppendData(bytes.Span);
        _crc.Append(bytes.Span);
        Length += bytes.Length;
        await _file.WriteAsync(bytes, cancellationToken);
    }

    /// <summary>Copies <paramref name="length"/> bytes of an open blob.</summary>
    public async Task CopyAsync(Stream source, long length, CancellationToken cancellationToken)
    {
        var buffer = new byte[128 << 10];
        while (length > 0)
        {
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), cancellationToken);
            if (read == 0)
                throw new EndOfStreamException("The blob is shorter than its metadata says.");

            await WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            length -= read;
        }
    }

    /// <summary>Moves the finished file into the folder under a random name and returns that name.</summary>
    public string Keep(string folder)
    {
        _file.Dispose();
        var name = Guid.NewGuid().ToString("N");
        File.Move(_file.Name, Path.Combine(folder, name));
        _kept = true;
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _md5.Dispose();
        if (!_kept)
            File.Delete(_file.Name);
    }
}
