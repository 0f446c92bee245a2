#pragma warning disable
namespace OssProxy.Core.Streams;
public sealed class HashedStream(Stream inner) : ReadOnlyStream { public string? Sha256 => null; public override ValueTask<int> ReadAsync(Memory<byte> b, CancellationToken c = default) => inner.ReadAsync(b, c); }
