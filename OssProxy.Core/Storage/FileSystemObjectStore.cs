using System.Globalization;
using System.Security.Cryptography;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Storage;

/// <summary>
/// A store on the local disk. A body is written to a temporary file of the same file system, flushed to the disk, and appears under its
/// name by one rename; costs one 64 KiB block per open upload and two flushes plus one for the note. What a power cut can take:
/// nothing acknowledged, on a journaling file system; elsewhere perhaps the name of an object of the last seconds. Media type, disposition
/// and cache rule are kept in a note in a hidden folder that no key can name. Crc64 is not kept: the disk has checks of its own.
/// <para>A key that no file can have (see <see cref="FileTree"/>) is refused by a put with <see cref="StoreError.StoreMisconfigured"/>;
/// for every other operation it is a key without an object. Emptied folders stay. Several processes
/// may write to one root, but not the same key: turns are taken within a process.</para>
/// </summary>
public sealed class FileSystemObjectStore : IObjectStore, IListableObjectStore
{
    // Temporary files carry the node, so that nodes which share a root sweep only after themselves, and a mark of this store: those of
    // the same node with another mark were left by a process that died.
    private readonly string _ofNode;
    private readonly string _mark;
    private readonly FileTree _tree;
    private readonly BufferBudget _budget;
    private long _temporaries;

    /// <param name="root">The folder of the objects; made when it is missing. It may be a link itself; links below it are not
    /// followed.</param>
    /// <param name="node">The node that writes here; one process at a time has its name.</param>
    /// <param name="budget">Where the buffer of a put comes from.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public FileSystemObjectStore(string root, string node, BufferBudget budget)
    {
        _budget = budget;
        _ofNode = node + "-";
        _mark = _ofNode + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        _tree = new FileTree(root);
    }

    /// <summary>Removes the temporary files that earlier processes of this node left behind, and returns how many there were. Safe beside
    /// running puts of this store and of other nodes.</summary>
    public int Sweep()
    {
        var left = Directory.EnumerateFiles(_tree.Temporary, _ofNode + "*")
            .Where(path => !Path.GetFileName(path).StartsWith(_mark, StringComparison.Ordinal))
            .ToList();
        left.ForEach(File.Delete);
        return left.Count;
    }

    /// <inheritdoc/>
    /// <exception cref="EndOfStreamException">The body ended before <see cref="ObjectContent.Length"/>.</exception>
    /// <exception cref="InvalidDataException">The body is longer than <see cref="ObjectContent.Length"/>.</exception>
    public async Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = PathOf(key) ?? throw FileFailure.Unfit(key);
        // Asked before the body is taken, so that a taken key costs nothing; asked again when the file gets its name.
        if (content.ForbidOverwrite && File.Exists(path))
            throw Taken(key);

        await using var file = Guarded(key, NewTemporary);
        await CopyAsync(key, content, file, cancellationToken);
        Guarded(key, file.Flush);

        var note = new ObjectNote(key.Value, file.Length, content.ContentType, content.ContentDisposition, content.CacheControl);
        await using var noteFile = Guarded(key, NewTemporary);
        await WriteAsync(key, noteFile, note.ToBytes(), cancellationToken);
        Guarded(key, noteFile.Flush);

        using (await KeyTurns.TakeAsync(path, cancellationToken))
            Guarded(key, () => Publish(key, file, path, noteFile, !content.ForbidOverwrite));

        // The name, too, is on the disk before the put is acknowledged.
        FlushPublished(key, file);
        return Describe(key, note, file.LastModified);
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await using var reading = await OpenAsync(key, range: null, cancellationToken);
        return reading?.Source;
    }

    /// <inheritdoc/>
    /// <remarks>A range that begins beyond the end or ends before it begins delivers the whole object, as OSS does by default.</remarks>
    public async Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken)
    {
        if (PathOf(key) is not { } path)
            return null;

        FileStream? file = null;
        try
        {
            ObjectNote note;
            using (await KeyTurns.TakeAsync(path, cancellationToken))
            {
                if (!File.Exists(path))
                    return null;
                file = OpenFile(path);
                note = await ObjectNote.ReadAsync(_tree.NoteOf(key), key, file.Length, cancellationToken);
            }

            var modified = new DateTimeOffset(File.GetLastWriteTimeUtc(file.SafeFileHandle), TimeSpan.Zero);
            var delivered = Satisfied(range, note.Length);
            var from = delivered?.From ?? 0;
            file.Position = from;
            var body = new FileSlice(file, key, delivered is { To: { } to } ? to - from + 1 : note.Length);
            file = null;
            return new ObjectReading(Describe(key, note, modified), body, delivered);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.Of(failure, key);
        }
        finally
        {
            if (file is not null)
                await file.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (PathOf(key) is not { } path)
            return;

        using (await KeyTurns.TakeAsync(path, cancellationToken))
        {
            Guarded(key, () =>
            {
                // The object first: a note without an object means nothing.
                if (File.Exists(path))
                    File.Delete(path);
                var note = _tree.NoteOf(key);
                if (File.Exists(note))
                    File.Delete(note);
            });
        }
    }

    /// <inheritdoc/>
    /// <remarks>What a head finds, and nothing else. The names of a folder are held while it is walked through: some 100 bytes each.</remarks>
    public IAsyncEnumerable<ListedObject> ListAsync(string prefix, CancellationToken cancellationToken) =>
        FileListing.Of(_tree, prefix, cancellationToken).ToAsyncEnumerable();

    /// <inheritdoc/>
    public IAsyncEnumerable<ListedParts> ListPartsAsync(string prefix, CancellationToken cancellationToken) => AsyncEnumerable.Empty<ListedParts>();

    /// <inheritdoc/>
    public Task AbortPartsAsync(ListedParts parts, CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CopyAsync(ObjectKey key, ObjectContent content, TemporaryFile file, CancellationToken cancellationToken)
    {
        long total = 0;
        // What reading the body throws is the sender's and passes unchanged; only writing is ours.
        await _budget.CopyAsync(
            content.Body,
            (bytes, token) =>
            {
                total += bytes.Length;
                return total > content.Length
                    ? throw new InvalidDataException($"The body is longer than the {content.Length} bytes it was announced with.")
                    : new ValueTask(WriteAsync(key, file, bytes, token));
            },
            cancellationToken);

        if (total < content.Length)
            throw new EndOfStreamException($"The body ended after {total} of {content.Length} bytes.");
    }

    private static async Task WriteAsync(
        ObjectKey key, TemporaryFile file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.Of(failure, key);
        }
    }

    private static FileStream OpenFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
        BufferSize = 0,
    });

    private static ByteRange? Satisfied(ByteRange? range, long length)
    {
        if (range is not { } asked || asked.From < 0 || asked.From >= length)
            return null;
        var to = Math.Min(asked.To ?? long.MaxValue, length - 1);
        return to < asked.From ? null : new ByteRange(asked.From, to);
    }

    private static StoredObject Describe(ObjectKey key, ObjectNote note, DateTimeOffset modified)
    {
        var tag = string.Create(CultureInfo.InvariantCulture, $"{modified.UtcTicks:x}-{note.Length:x}");
        return new StoredObject(key, note.Length, note.ContentType, tag, Crc64: null, modified)
        {
            ContentDisposition = note.ContentDisposition,
            CacheControl = note.CacheControl,
        };
    }

    private static StoreException Taken(ObjectKey key) => new(StoreError.ObjectExists, $"The key '{key}' is taken.");

    private static void Guarded(ObjectKey key, Action work) => Guarded<object?>(key, () =>
    {
        work();
        return null;
    });

    private static T Guarded<T>(ObjectKey key, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.Of(failure, key);
        }
    }

    // The object has its name already: whoever undoes the put has to delete it.
    private static void FlushPublished(ObjectKey key, TemporaryFile file)
    {
        try
        {
            file.Flush();
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw new StoreException(StoreError.StoreFull, $"'{key}' could not be flushed to the disk.", failure) { MayBeStored = true };
        }
    }

    private string? PathOf(ObjectKey key) => Guarded(key, () => _tree.FileOf(key));

    private TemporaryFile NewTemporary()
    {
        // Also when somebody has removed it while the server runs: otherwise nothing could be stored until the next start.
        FileTree.MakeFolder(_tree.Temporary);
        return new(Path.Combine(_tree.Temporary, string.Create(CultureInfo.InvariantCulture, $"{_mark}-{Interlocked.Increment(ref _temporaries)}")));
    }

    private void Publish(ObjectKey key, TemporaryFile file, string path, TemporaryFile noteFile, bool overwrite)
    {
        if (!overwrite && File.Exists(path))
            throw Taken(key);
        // A folder has this name, or a file has the name of one of the folders: OSS could hold both keys, a disk cannot.
        if (Directory.Exists(path))
            throw FileFailure.Unfit(key);

        var note = _tree.NoteOf(key);
        FileTree.MakeFolder(Path.GetDirectoryName(note)!);
        try
        {
            FileTree.MakeFolder(Path.GetDirectoryName(path)!);
        }
        catch (IOException failure) when (IsBlocked(path))
        {
            throw FileFailure.Unfit(key, failure);
        }

        // A link may have been placed since the path was made.
        if (_tree.FileOf(key) is null)
            throw FileFailure.Unfit(key);

        // The note first: an object is never seen without the note that belongs to it.
        noteFile.MoveTo(note, overwrite: true);
        file.MoveTo(path, overwrite);
    }

    // Whether a file stands where a folder is needed.
    private static bool IsBlocked(string path)
    {
        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(folder))
                return true;
        }

        return false;
    }
}
