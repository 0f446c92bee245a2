using OssProxy.Core.Streams;

namespace OssProxy.Core.Derivatives;

/// <summary>Bytes in memory as the body of a PUT: sent from where they lie, and again when an attempt fails.</summary>
internal sealed class MemoryBody(ReadOnlyMemory<byte> bytes) : HeldStream
{
    // What is handed over at once: as much as others do, so that the idle clock sees a slow store move.
    private const int PieceBytes = 64 * 1024;

    public override long Length => bytes.Length;

    public override long Position { get; set; }

    public override ReadOnlyMemory<byte> Take()
    {
        var piece = bytes.Slice((int)Position, (int)Math.Min(PieceBytes, bytes.Length - Position));
        Position += piece.Length;
        return piece;
    }
}
