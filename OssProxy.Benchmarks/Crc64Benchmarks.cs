using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using OssProxy.Core.Oss;

namespace OssProxy.Benchmarks;

/// <summary>The checksum that every upload pays, beside those that it does not.</summary>
[MemoryDiagnoser]
public class Crc64Benchmarks
{
    private byte[] _block = [];

    /// <summary>64 KiB is what a read delivers, 1 MiB no longer fits the first caches.</summary>
    [Params(64 * 1024, 1024 * 1024)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _block = new byte[Bytes];
        new Random(20260105).NextBytes(_block);
    }

    [Benchmark(Baseline = true)]
    public ulong Crc64Xz() => Crc64.Compute(_block);

    [Benchmark]
    public byte[] Md5() => MD5.HashData(_block);

    [Benchmark]
    public byte[] Sha256() => SHA256.HashData(_block);
}
