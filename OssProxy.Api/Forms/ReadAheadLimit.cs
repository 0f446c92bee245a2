using OssProxy.Core.Streams;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>
/// Bounds what the form reader takes from the body without giving anything back. The reader of .NET 10.0 measures a line (of a head, or
/// behind a boundary) only within one filling of its buffer: one that arrives in small pieces and does not end would be collected for as
/// long as the client likes to send it.
/// </summary>
internal sealed class ReadAheadLimit(int bytes)
{
    private readonly int _most = bytes;
    private int _taken;

    /// <summary>The coat below the reader.</summary>
    public Stream Below(Stream body) => new Taking(this, body);

    /// <summary>The coat above it, around a part.</summary>
    public Stream Above(Stream part) => new Giving(this, part);

    /// <summary>The reader has given something.</summary>
    public void Reset() => _taken = 0;

    private sealed class Taking(ReadAheadLimit limit, Stream inner) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (limit._taken > limit._most)
                throw new UploadException(UploadError.FormTooComplex, "A line of the form does not end.");

            var read = await inner.ReadAsync(buffer, cancellationToken);
            limit._taken += read;
            return read;
        }
    }

    private sealed class Giving(ReadAheadLimit limit, Stream inner) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            if (read > 0)
                limit.Reset();
            return read;
        }
    }
}
