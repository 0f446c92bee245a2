using System.Security.Cryptography;

namespace OssProxy.Core.Streams;

/// <summary>Computes the SHA-256 of a body while it passes. Owns the hash and not the inner stream.</summary>
public sealed class HashedStream(Stream inner) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The digest of the whole body, 64 hexadecimal digits in lower case; null until the inner stream has been read to its
    /// end.</summary>
    public string? Sha256 { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully
            ? ValueTask.FromResult(Hash(buffer.Span, reading.Result))
            : HashAsync(reading, buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();

        base.Dispose(disposing);
    }

    private async ValueTask<int> HashAsync(ValueTask<int> reading, Memory<byte> buffer)
    {
        var read = await reading;
        return Hash(buffer.Span, read);
    }

    private int Hash(ReadOnlySpan<byte> buffer, int read)
    {
        // Only a read that asks for something tells the end.
        if (read == 0 && !buffer.IsEmpty)
            Sha256 ??= Convert.ToHexStringLower(_hash.GetHashAndReset());
        else
            _hash.AppendData(buffer[..read]);

        return read;
    }
}
