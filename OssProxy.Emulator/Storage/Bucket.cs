using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Storage;

/// <summary>What is remembered of a bucket itself.</summary>
internal sealed record BucketDescription(string Name, string Acl, DateTimeOffset Created);

/// <summary>
/// The objects of one bucket: an index in memory and, on disk, one JSON file per object (named by the SHA-256 of its
/// key, so no key can name a path) pointing at a blob with a random name. An acknowledged write is a rename that has
/// happened; a kill at any moment leaves the old object or the new one.
/// </summary>
internal sealed class Bucket
{
    private readonly Lock _gate = new();
    private readonly KeyIndex<StoredObject> _objects = new();
    private readonly string _objectFolder;
    private readonly string _blobFolder;
    private bool _deleted;

    public Bucket(string folder, string tempFolder, BucketDescription description)
    {
        (Folder, TempFolder, Description) = (folder, tempFolder, description);
        _objectFolder = Directory.CreateDirectory(Path.Combine(folder, "objects")).FullName;
        _blobFolder = Directory.CreateDirectory(Path.Combine(folder, "blobs")).FullName;
        Uploads = new(this, Path.Combine(folder, "uploads"));
        Load();
    }

    public string Folder { get; }

    public string TempFolder { get; }

    public BucketDescription Description { get; }

    public string Name => Description.Name;

    public MultipartUploads Uploads { get; }

    public StoredObject? Find(string key)
    {
        lock (_gate)
            return _objects.Find(key);
    }

    /// <summary>Opens the bytes with what describes them; an overwrite or delete afterwards does not disturb the reader.</summary>
    public OpenedObject? Open(string key)
    {
        lock (_gate)
        {
            if (_objects.Find(key) is not { } found)
                return null;

            var path = Path.Combine(_blobFolder, found.Blob);
            return new(found, new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous));
        }
    }

    public KeyPage<StoredObject> List(string prefix, string delimiter, string after, int maximum)
    {
        lock (_gate)
            return KeyListing.Page(_objects, static o => o.Key, static o => o.Key, prefix, delimiter, after, maximum);
    }

    /// <summary>Puts a finished blob in the place of whatever the key held. The check of forbidOverwrite and the write are one step.</summary>
    public StoredObject Commit(BlobWriter blob, StoredObject described, bool forbidOverwrite)
    {
        lock (_gate)
        {
            var old = _objects.Find(described.Key);
            if (_deleted)
                throw OssErrors.NoSuchBucket(Name);

            if (forbidOverwrite && old is not null)
                throw OssErrors.FileAlreadyExists();

            var stored = described with { Blob = blob.Keep(_blobFolder) };
            Write(stored);
            if (old is not null)
                File.Delete(Path.Combine(_blobFolder, old.Blob));

            return stored;
        }
    }

    /// <summary>New attributes for an object whose bytes stay (copy onto itself).</summary>
    public StoredObject? Describe(string key, Func<StoredObject, StoredObject> change)
    {
        lock (_gate)
        {
            if (_objects.Find(key) is not { } found)
                return null;

            var changed = change(found);
            Write(changed);
            return changed;
        }
    }

    public bool Delete(string key)
    {
        lock (_gate)
        {
            if (_objects.Find(key) is not { } found)
                return false;

            File.Delete(DescriptionPath(key));
            _objects.Remove(key);
            File.Delete(Path.Combine(_blobFolder, found.Blob));
            return true;
        }
    }

    /// <summary>True when the bucket was empty and takes no more objects; parts count as content.</summary>
    public bool TryClose()
    {
        lock (_gate)
            return _deleted = _objects.Count == 0 && Uploads.IsEmpty;
    }

    private void Write(StoredObject stored)
    {
        JsonFile.Write(DescriptionPath(stored.Key), stored, TempFolder);
        _objects.Set(stored.Key, stored);
    }

    private string DescriptionPath(string key) =>
        Path.Combine(_objectFolder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + ".json");

    private void Load()
    {
        var blobs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(_objectFolder, "*.json"))
        {
            var stored = JsonFile.Read<StoredObject>(path);
            _objects.Set(stored.Key, stored);
            blobs.Add(stored.Blob);
        }

        // A kill between two renames leaves a blob that nothing describes.
        foreach (var path in Directory.EnumerateFiles(_blobFolder))
        {
            if (!blobs.Contains(Path.GetFileName(path)))
                File.Delete(path);
        }
    }
}

/// <summary>An object with its bytes held open; dispose the stream.</summary>
internal sealed record OpenedObject(StoredObject Object, FileStream Bytes) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Bytes.DisposeAsync();
}
