namespace OssProxy.Core.Streams;

/// <summary>
/// Counts a body, knows whether its end was seen, and cuts it off at the byte that passes <paramref name="limit"/>: that read throws what
/// <paramref name="onExcess"/> makes, so an oversized body fails as a body and is never taken for a complete one.
/// </summary>
public sealed class MeasuredStream(Stream inner, long limit, Func<Exception> onExcess) : ReadOnlyStream
{
    /// <summary>Bytes delivered so far.</summary>
    public long Count { get; private set; }

    /// <summary>Whether the inner stream has been read to its end.</summary>
    public bool Ended { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully
            ? ValueTask.FromResult(Measure(reading.Result, buffer.IsEmpty))
            : MeasureAsync(reading, buffer.IsEmpty);
    }

    private async ValueTask<int> MeasureAsync(ValueTask<int> reading, bool isEmpty) => Measure(await reading, isEmpty);

    private int Measure(int read, bool isEmpty)
    {
        if (read > limit - Count)
            throw onExcess();

        Ended |= read == 0 && !isEmpty;
        Count += read;
        return read;
    }
}
