namespace OssProxy.Core.Storage;

/// <summary>A file that is being written beside its place. Disposing it before it was moved there removes it.</summary>
internal sealed class TemporaryFile : IAsyncDisposable
{
    private const UnixFileMode FileMode0644 =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly FileStream _stream;
    private readonly string _path;
    private bool _moved;

    /// <param name="path">A free name on the file system of the final place.</param>
    public TemporaryFile(string path)
    {
        _path = path;
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            // Readers may open the file under its final name before this handle is closed.
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FileMode0644;
        _stream = new FileStream(path, options);
    }

    public long Length => _stream.Length;

    public DateTimeOffset LastModified => new(File.GetLastWriteTimeUtc(_stream.SafeFileHandle), TimeSpan.Zero);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _stream.WriteAsync(bytes, cancellationToken);

    /// <summary>Waits until the disk has the bytes, and, after a move, on journaling file systems also the name.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    /// <summary>Gives the file its final name at once.</summary>
    public void MoveTo(string path, bool overwrite)
    {
        File.Move(_path, path, overwrite);
        _moved = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        if (_moved)
            return;

        try
        {
            File.Delete(_path);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody has removed the folder with the file: the failure that this put is about to tell matters more.
        }
    }
}
