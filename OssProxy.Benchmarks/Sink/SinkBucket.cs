using System.Collections.Concurrent;
using System.Globalization;
using OssProxy.Core.Oss;

namespace OssProxy.Benchmarks.Sink;

/// <summary>What is known of a body that was thrown away.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Crc64">CRC-64/XZ.</param>
internal sealed record Sunk(long Length, ulong Crc64)
{
    /// <summary>In quotes, as a header carries it. OSS shows the MD5; here the checksum stands twice, because MD5 costs too much.</summary>
    public string ETag => string.Create(CultureInfo.InvariantCulture, $"\"{Crc64:X16}{Crc64:X16}\"");
}

/// <summary>The objects that the sink has taken: their lengths and checksums, some hundred bytes each.</summary>
internal sealed class SinkBucket
{
    private readonly ConcurrentDictionary<string, Sunk> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, Sunk>> _uploads = new(StringComparer.Ordinal);
    private long _count;
    private long _bytes;
    private long _lastUpload;

    /// <summary>Objects that were ever stored, and their bytes.</summary>
    public (long Objects, long Bytes) Taken => (Interlocked.Read(ref _count), Interlocked.Read(ref _bytes));

    /// <summary>False when there is one already and it may not be replaced.</summary>
    public bool Put(string path, Sunk body, bool forbidOverwrite)
    {
        if (!forbidOverwrite)
            _objects[path] = body;
        else if (!_objects.TryAdd(path, body))
            return false;

        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, body.Length);
        return true;
    }

    public Sunk? Find(string path) => _objects.GetValueOrDefault(path);

    public void Delete(string path) => _objects.TryRemove(path, out _);

    public string Initiate()
    {
        var id = Interlocked.Increment(ref _lastUpload).ToString("X32", CultureInfo.InvariantCulture);
        _uploads[id] = new ConcurrentDictionary<int, Sunk>();
        return id;
    }

    /// <summary>False when there is no such upload.</summary>
    public bool PutPart(string uploadId, int number, Sunk body)
    {
        if (!_uploads.TryGetValue(uploadId, out var parts))
            return false;

        parts[number] = body;
        return true;
    }

    /// <summary>All parts in the order of their numbers as one, whichever of them the request lists; null when there is no such upload.</summary>
    public Sunk? Complete(string uploadId) => _uploads.TryRemove(uploadId, out var parts)
        ? parts.OrderBy(part => part.Key).Select(part => part.Value).Aggregate(
            new Sunk(0, 0),
            (whole, part) => new Sunk(whole.Length + part.Length, Crc64.Combine(whole.Crc64, part.Crc64, part.Length)))
        : null;

    public bool Abort(string uploadId) => _uploads.TryRemove(uploadId, out _);
}
