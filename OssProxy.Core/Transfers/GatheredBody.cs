using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>What was gathered, as the body of a PUT or of a part: it can be rewound for another attempt. Valid as long as the blocks
/// are held.</summary>
internal sealed class GatheredBody(Gathered gathered) : HeldStream
{
    public override long Length => gathered.Length;

    public override long Position { get; set; }

    public override ReadOnlyMemory<byte> Take()
    {
        var piece = gathered.At(Position);
        Position += piece.Length;
        return piece;
    }
}

/// <summary>What was gathered, then the rest as it arrives. Blocks go back as soon as they have been read, so this can be sent once.</summary>
internal sealed class FlowingBody(Gathered gathered, Stream rest) : ReadOnlyStream
{
    private long _position;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == gathered.Length)
            return rest.ReadAsync(buffer, cancellationToken);

        var piece = gathered.At(_position);
        var count = Math.Min(piece.Length, buffer.Length);
        piece.Span[..count].CopyTo(buffer.Span);
        _position += count;
        gathered.ForgetBefore(_position);
        return ValueTask.FromResult(count);
    }
}

/// <summary>The next bytes of a body, at most so many: a part that is sent as it arrives.</summary>
internal sealed class NextBytes(Stream inner, long count) : ReadOnlyStream
{
    private long _left = count;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
            return 0;

        var read = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;
        return read;
    }
}

/// <summary>A body of which can be told whether it has ended, without losing a byte of it.</summary>
internal sealed class Lookahead(Stream inner) : ReadOnlyStream
{
    private readonly byte[] _next = new byte[1];
    private bool _hasNext;
    private bool _ended;

    /// <summary>Whether the body holds no more bytes. Waits for the next one, in a byte of its own.</summary>
    public async ValueTask<bool> EndsAsync(CancellationToken cancellationToken)
    {
        if (!_hasNext && !_ended)
            _hasNext = await ReadAsync(_next, cancellationToken) > 0;
        return _ended;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || (_hasNext && buffer.IsEmpty))
            return ValueTask.FromResult(0);

        if (_hasNext)
        {
            _hasNext = false;
            buffer.Span[0] = _next[0];
            return ValueTask.FromResult(1);
        }

        var reading = inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully
            ? ValueTask.FromResult(Look(reading.Result, buffer.IsEmpty))
            : LookAsync(reading, buffer.IsEmpty);
    }

    private async ValueTask<int> LookAsync(ValueTask<int> reading, bool isEmpty) => Look(await reading, isEmpty);

    private int Look(int read, bool isEmpty)
    {
        _ended = read == 0 && !isEmpty;
        return read;
    }
}
