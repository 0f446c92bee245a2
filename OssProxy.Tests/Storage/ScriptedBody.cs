using OssProxy.Core.Streams;

namespace OssProxy.Tests.Storage;

/// <summary>A body of a given length in small pieces, which may run a script at its end instead of ending.</summary>
internal sealed class ScriptedBody(long length, Func<CancellationToken, Task>? atEnd = null, int piece = 10_000) : ReadOnlyStream
{
    // The bytes come round every 64 KiB.
    private static readonly byte[] Round = [.. Enumerable.Range(0, 65_536).Select(position => (byte)((position * 31) ^ (position >> 8)))];

    private long _position;

    public bool Disposed { get; private set; }

    /// <summary>The largest piece that was asked for, in bytes.</summary>
    public int LargestRead { get; private set; }

    public static byte ByteAt(long position) => Round[position % Round.Length];

    /// <summary>Fills a buffer with the bytes from a position on.</summary>
    public static void Fill(Span<byte> buffer, long position)
    {
        while (!buffer.IsEmpty)
        {
            var rest = Round.AsSpan((int)(position % Round.Length));
            var count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            buffer = buffer[count..];
            position += count;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestRead = Math.Max(LargestRead, buffer.Length);
        var count = (int)Math.Min(Math.Min(buffer.Length, piece), length - _position);
        if (count == 0 && atEnd is not null)
            await atEnd(cancellationToken);
        Fill(buffer.Span[..count], _position);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        Disposed = true;
        base.Dispose(disposing);
    }
}
