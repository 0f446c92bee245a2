using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using OssProxy.Core.Oss;

namespace OssProxy.Benchmarks;

/// <summary>What proving one PutObject costs. The yardstick is the cryptography of V4 that cannot be saved: one SHA-256 and one HMAC over
/// text of the same length.</summary>
[MemoryDiagnoser]
public class SigningBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 8, 30, 0, TimeSpan.Zero);
    private static readonly OssCredentials Credentials = new("LTAI5tBenchmarkKeyId", "benchmark-secret-of-30-letters", null);

    private readonly OssSigner _v4 = OssSigner.Create(OssSignature.V4, "cn-hangzhou");
    private readonly OssSigner _v1 = OssSigner.Create(OssSignature.V1, "cn-hangzhou");
    private readonly OssRequest _request = new OssRequest(HttpMethod.Put, "benchmark-bucket", "images/20260105/1767573000000_0a1b2c3d4e5f.jpg")
        .WithHeader("Content-Type", "image/jpeg")
        .WithHeader("Content-Disposition", "inline; filename=\"photo.jpg\"")
        .WithHeader("x-oss-forbid-overwrite", "true");

    private readonly byte[] _canonical = new byte[280];
    private readonly byte[] _toSign = Encoding.ASCII.GetBytes(new string('x', 140));
    private readonly byte[] _key = new byte[32];

    [Benchmark(Baseline = true)]
    public byte[] Cryptography()
    {
        SHA256.HashData(_canonical);
        return HMACSHA256.HashData(_key, _toSign);
    }

    [Benchmark]
    public object V4Header() => _v4.SignHeaders(_request, Credentials, Now);

    [Benchmark]
    public object V4Presign() => _v4.SignQuery(_request, Credentials, Now, TimeSpan.FromMinutes(10));

    [Benchmark]
    public object V1Header() => _v1.SignHeaders(_request, Credentials, Now);
}
