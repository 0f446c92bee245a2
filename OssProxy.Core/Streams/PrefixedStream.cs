namespace OssProxy.Core.Streams;

/// <summary>Bytes that were read ahead, then the rest: what has been looked at is delivered once more.</summary>
/// <param name="prefix">Read ahead.</param>
/// <param name="rest">What follows.</param>
/// <param name="onDelivered">Called when the last byte of the prefix has been delivered, after which it is not touched again.</param>
public sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest, Action? onDelivered = null) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _prefix = prefix;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_prefix.IsEmpty)
            return rest.ReadAsync(buffer, cancellationToken);

        var count = Math.Min(_prefix.Length, buffer.Length);
        _prefix[..count].CopyTo(buffer);
        _prefix = _prefix[count..];
        if (_prefix.IsEmpty)
        {
            _prefix = default;
            onDelivered?.Invoke();
        }

        return ValueTask.FromResult(count);
    }
}
