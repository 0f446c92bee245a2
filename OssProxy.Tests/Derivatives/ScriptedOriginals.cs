using OssProxy.Core.Storage;

namespace OssProxy.Tests.Derivatives;

/// <summary>A store that says of every object what a test has it say, and holds none.</summary>
internal sealed class ScriptedOriginals : IObjectStore
{
    private int _looks;

    public static ObjectKey Key { get; } = ObjectKey.Parse("a.mp4");

    /// <summary>How often it was asked.</summary>
    public int Looks => Volatile.Read(ref _looks);

    /// <summary>What it says; the argument counts the questions from 1.</summary>
    public Func<int, Task<StoredObject?>> Head { get; set; } = _ => Task.FromResult<StoredObject?>(null);

    /// <summary>What it gives to read.</summary>
    public Func<CancellationToken, Task<ObjectReading?>> Open { get; set; } = _ => throw new NotSupportedException();

    /// <summary>The object in one of its states.</summary>
    public static StoredObject Of(string tag) => new(Key, 10, "video/mp4", tag, Crc64: null, LastModified: null);

    public Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) => Head(Interlocked.Increment(ref _looks));

    public Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) => Open(cancellationToken);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();
}
