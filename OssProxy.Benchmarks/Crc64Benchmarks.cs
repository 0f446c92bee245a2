using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using OssProxy.Core.Oss;

namespace OssProxy.Benchmarks;

/// <summary>The checksum that every upload pays, in every way that this processor has, beside those that it does not pay.</summary>
[MemoryDiagnoser]
[MinColumn]
public class Crc64Benchmarks
{
    private byte[] _block = [];

    /// <summary>512 bytes are little more than the widest way needs, 64 KiB is what a read delivers, 1 MiB no longer fits the first caches.</summary>
    [Params(512, 64 * 1024, 1024 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _block = new byte[Bytes];
        new Random(20260105).NextBytes(_block);
    }

    [Benchmark(Baseline = true)]
    public ulong Tables() => Crc64Tables.Update(ulong.MaxValue, _block);

    [Benchmark]
    public ulong Folding128() => Crc64Folding.Has128 ? Crc64Folding.Update128(ulong.MaxValue, _block) : throw Lacking(128);

    [Benchmark]
    public ulong Folding256() => Crc64Folding.Has256 ? Crc64Folding.Update256(ulong.MaxValue, _block) : throw Lacking(256);

    [Benchmark]
    public ulong Folding512() => Crc64Folding.Has512 ? Crc64Folding.Update512(ulong.MaxValue, _block) : throw Lacking(512);

    [Benchmark]
    public ulong Chosen() => Crc64.Compute(_block);

    [Benchmark]
    public byte[] Md5() => MD5.HashData(_block);

    [Benchmark]
    public byte[] Sha256() => SHA256.HashData(_block);

    private static PlatformNotSupportedException Lacking(int bits) => new($"This processor does not multiply {bits} bits without carries.");
}
