using OssProxy.Core.Streams;

namespace OssProxy.Tests.Storage;

/// <summary>A body of a given length in small pieces, which may run a script at its end instead of ending.</summary>
internal sealed class ScriptedBody(long length, Func<CancellationToken, Task>? atEnd = null, int piece = 10_000) : ReadOnlyStream
{
    private long _position;

    public bool Disposed { get; private set; }

    /// <summary>The largest piece that was asked for, in bytes.</summary>
    public int LargestRead { get; private set; }

    public static byte ByteAt(long position) => (byte)((position * 31) ^ (position >> 8));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestRead = Math.Max(LargestRead, buffer.Length);
        var count = (int)Math.Min(Math.Min(buffer.Length, piece), length - _position);
        if (count == 0 && atEnd is not null)
            await atEnd(cancellationToken);
        for (var i = 0; i < count; i++)
            buffer.Span[i] = ByteAt(_position + i);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        Disposed = true;
        base.Dispose(disposing);
    }
}
