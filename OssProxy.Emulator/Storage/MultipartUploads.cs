using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Storage;

/// <summary>
/// The uploads under way in one bucket, a folder each: aborting one is deleting its folder. A part is acknowledged
/// when the file that describes it is in place.
/// </summary>
internal sealed class MultipartUploads
{
    private readonly Lock _gate = new();
    private readonly Bucket _bucket;
    private readonly string _folder;
    private readonly Dictionary<string, Upload> _uploads = new(StringComparer.Ordinal);

    public MultipartUploads(Bucket bucket, string folder)
    {
        _bucket = bucket;
        _folder = Directory.CreateDirectory(folder).FullName;
        foreach (var path in Directory.EnumerateDirectories(_folder))
            Load(path);
    }

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _uploads.Count == 0;
        }
    }

    public StoredUpload Start(string key, ObjectAttributes attributes, bool forbidOverwrite, DateTimeOffset now)
    {
        var description = new StoredUpload
        {
            UploadId = Guid.NewGuid().ToString("N").ToUpperInvariant(),
            Key = key,
            Initiated = now,
            Attributes = attributes,
            ForbidOverwrite = forbidOverwrite,
        };
        lock (_gate)
        {
            Directory.CreateDirectory(FolderOf(description.UploadId));
            JsonFile.Write(Path.Combine(FolderOf(description.UploadId), "upload.json"), description, _bucket.TempFolder);
            _uploads.Add(description.UploadId, new(description));
        }

        return description;
    }

    public StoredUpload Find(string uploadId, string key)
    {
        lock (_gate)
            return Get(uploadId, key).Description;
    }

    /// <summary>Every upload in the order of key, then id (OSS, ListMultipartUploads).</summary>
    public IReadOnlyList<StoredUpload> All()
    {
        lock (_gate)
            return [.. _uploads.Values.Where(u => !u.Completing).Select(u => u.Description)];
    }

    public IReadOnlyList<StoredPart> Parts(string uploadId, string key)
    {
        lock (_gate)
            return [.. Get(uploadId, key).Parts.Values];
    }

    public StoredPart AddPart(string uploadId, string key, int number, BlobWriter blob, DateTimeOffset now)
    {
        lock (_gate)
        {
            var upload = Get(uploadId, key);
            var part = new StoredPart
            {
                Number = number,
                Blob = blob.Keep(FolderOf(uploadId)),
                Length = blob.Length,
                ETag = blob.ETag,
                Crc64 = blob.Crc64,
                LastModified = now,
            };
            JsonFile.Write(Path.Combine(FolderOf(uploadId), $"{number:D5}.json"), part, _bucket.TempFolder);
            if (upload.Parts.TryGetValue(number, out var replaced))
                File.Delete(Path.Combine(FolderOf(uploadId), replaced.Blob));

            upload.Parts[number] = part;
            return part;
        }
    }

    public void Abort(string uploadId, string key)
    {
        lock (_gate)
        {
            Get(uploadId, key);
            Remove(uploadId);
        }
    }

    /// <summary>
    /// Takes the upload for completion: from here on others find it gone, as a second Complete must. Dispose without
    /// <see cref="Completion.Finish"/> gives it back.
    /// </summary>
    public Completion BeginCompletion(string uploadId, string key)
    {
        lock (_gate)
        {
            var upload = Get(uploadId, key);
            upload.Completing = true;
            return new(this, upload.Description, [.. upload.Parts.Values], FolderOf(uploadId));
        }
    }

    private void EndCompletion(string uploadId, bool finished)
    {
        lock (_gate)
        {
            if (finished)
                Remove(uploadId);
            else
                _uploads[uploadId].Completing = false;
        }
    }

    private Upload Get(string uploadId, string key) =>
        _uploads.GetValueOrDefault(uploadId) is { Completing: false } upload && upload.Description.Key == key
            ? upload
            : throw OssErrors.NoSuchUpload(uploadId);

    private void Remove(string uploadId)
    {
        _uploads.Remove(uploadId);
        Directory.Delete(FolderOf(uploadId), recursive: true);
    }

    private string FolderOf(string uploadId) => Path.Combine(_folder, uploadId);

    private void Load(string folder)
    {
        var description = Path.Combine(folder, "upload.json");
        if (!File.Exists(description))
        {
            // Killed while starting or while removing: never acknowledged, or already gone.
            Directory.Delete(folder, recursive: true);
            return;
        }

        var upload = new Upload(JsonFile.Read<StoredUpload>(description));
        foreach (var path in Directory.EnumerateFiles(folder, "?????.json"))
        {
            var part = JsonFile.Read<StoredPart>(path);
            upload.Parts[part.Number] = part;
        }

        var blobs = upload.Parts.Values.Select(p => p.Blob).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder).Where(p => !p.EndsWith(".json", StringComparison.Ordinal) && !blobs.Contains(Path.GetFileName(p))))
            File.Delete(path);

        _uploads.Add(upload.Description.UploadId, upload);
    }

    private sealed class Upload(StoredUpload description)
    {
        public StoredUpload Description { get; } = description;

        public SortedDictionary<int, StoredPart> Parts { get; } = [];

        public bool Completing { get; set; }
    }

    internal sealed class Completion(MultipartUploads owner, StoredUpload upload, IReadOnlyList<StoredPart> parts, string folder) : IDisposable
    {
        private bool _finished;

        public StoredUpload Upload { get; } = upload;

        public IReadOnlyList<StoredPart> Parts { get; } = parts;

        public FileStream Open(StoredPart part) => new(
            Path.Combine(folder, part.Blob), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);

        public void Finish() => _finished = true;

        public void Dispose() => owner.EndCompletion(Upload.UploadId, _finished);
    }
}
