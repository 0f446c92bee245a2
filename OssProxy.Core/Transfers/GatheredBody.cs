using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>What was gathered, as the body of a PUT or of a part: it can be rewound for another attempt. Valid as long as the blocks
/// are held.</summary>
internal sealed class GatheredBody(Gathered gathered) : ReadOnlyStream
{
    public override bool CanSeek => true;

    public override long Length => gathered.Length;

    public override long Position { get; set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = gathered.CopyTo(buffer.Span, Position);
        Position += count;
        return ValueTask.FromResult(count);
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

        var count = gathered.CopyTo(buffer.Span, _position);
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

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended)
            return 0;

        if (_hasNext && !buffer.IsEmpty)
        {
            _hasNext = false;
            buffer.Span[0] = _next[0];
            return 1;
        }

        if (_hasNext)
            return 0;

        var read = await inner.ReadAsync(buffer, cancellationToken);
        _ended = read == 0 && !buffer.IsEmpty;
        return read;
    }
}
