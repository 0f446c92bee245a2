using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Storage;

/// <summary>All buckets of one folder. Holds a lock file open, because two emulators would sweep each other's temp files.</summary>
internal sealed class BucketStore : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly string _bucketFolder;
    private readonly FileStream _lock;

    public BucketStore(string folder)
    {
        var root = Directory.CreateDirectory(folder).FullName;
        try
        {
            _lock = new(Path.Combine(root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new EmulatorStartException($"另一个模拟器正在使用目录 {root}。 Another emulator is using the folder {root}.", failure);
        }

        TempFolder = Path.Combine(root, "temp");
        if (Directory.Exists(TempFolder))
        {
            // Bodies that were under way when a process was killed.
            Directory.Delete(TempFolder, recursive: true);
        }

        Directory.CreateDirectory(TempFolder);
        _bucketFolder = Directory.CreateDirectory(Path.Combine(root, "buckets")).FullName;
        foreach (var path in Directory.EnumerateDirectories(_bucketFolder))
        {
            var description = Path.Combine(path, "bucket.json");
            if (File.Exists(description))
                _buckets.Add(Path.GetFileName(path), new(path, TempFolder, JsonFile.Read<BucketDescription>(description)));
            else
                Directory.Delete(path, recursive: true);
        }
    }

    public string TempFolder { get; }

    public Bucket Get(string name)
    {
        lock (_gate)
            return _buckets.GetValueOrDefault(name) ?? throw OssErrors.NoSuchBucket(name);
    }

    public IReadOnlyList<BucketDescription> All()
    {
        lock (_gate)
            return [.. _buckets.Values.Select(b => b.Description)];
    }

    /// <summary>False when the name is taken.</summary>
    public bool TryCreate(string name, string acl, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_buckets.ContainsKey(name))
                return false;

            var folder = Directory.CreateDirectory(Path.Combine(_bucketFolder, name)).FullName;
            var description = new BucketDescription(name, acl, now);
            JsonFile.Write(Path.Combine(folder, "bucket.json"), description, TempFolder);
            _buckets.Add(name, new(folder, TempFolder, description));
            return true;
        }
    }

    public void Delete(string name)
    {
        lock (_gate)
        {
            var bucket = _buckets.GetValueOrDefault(name) ?? throw OssErrors.NoSuchBucket(name);
            if (!bucket.TryClose())
                throw OssErrors.BucketNotEmpty(name);

            File.Delete(Path.Combine(bucket.Folder, "bucket.json"));
            Directory.Delete(bucket.Folder, recursive: true);
            _buckets.Remove(name);
        }
    }

    public void Dispose() => _lock.Dispose();
}
