using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;

namespace OssProxy.Benchmarks;

/// <summary>What the token of another backend costs. The yardstick is the signature alone, with a key that stands ready; beside it the same
/// with a key that is imported for each token, which is the way to need no copies of keys.</summary>
[MemoryDiagnoser]
public class JwtBenchmarks
{
    private const string Row =
        """{"id":7,"uuid":"0b8b6bb5-1d33-4f5e-9bd7-0ed6c1a5e5d3","username":"somebody","password":"5f4dcc3b5aa765d61d8327deb882cf99","role":"user","status":1}""";

    private readonly byte[] _secret = Encoding.UTF8.GetBytes(new string('s', 32));
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private byte[] _publicKey = [];
    private byte[] _signed = [];
    private byte[] _signature = [];
    private Secret _token;
    private JwtVerifier? _verifier;

    [Params("HS256", "RS256", "ES256")]
    public string Algorithm { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var head = $$"""{"alg":"{{Algorithm}}","typ":"JWT"}""";
        var text = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(head))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Row))}";
        _signed = Encoding.ASCII.GetBytes(text);
        (_publicKey, _signature) = Algorithm switch
        {
            "HS256" => (_secret, HMACSHA256.HashData(_secret, _signed)),
            "RS256" => (_rsa.ExportSubjectPublicKeyInfo(), _rsa.SignData(_signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            _ => (_curve.ExportSubjectPublicKeyInfo(), _curve.SignData(_signed, HashAlgorithmName.SHA256)),
        };
        _token = new Secret($"{text}.{Base64Url.EncodeToString(_signature)}");

        var key = Algorithm == "HS256"
            ? new JwtKey { Secret = new Secret(Encoding.UTF8.GetString(_secret)) }
            : new JwtKey { Algorithm = Algorithm, PublicKey = PemEncoding.WriteString("PUBLIC KEY", _publicKey) };
        _verifier = new JwtVerifier(Options.Create(new AuthOptions { Jwt = new JwtOptions { Keys = [key] } }), TimeProvider.System);
    }

    [Benchmark(Baseline = true)]
    public bool Signature() => Algorithm switch
    {
        "HS256" => CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_secret, _signed), _signature),
        "RS256" => _rsa.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        _ => _curve.VerifyData(_signed, _signature, HashAlgorithmName.SHA256),
    };

    [Benchmark]
    public bool SignatureWithImport()
    {
        if (Algorithm == "HS256")
            return Signature();

        if (Algorithm == "RS256")
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(_publicKey, out _);
            return rsa.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        using var curve = ECDsa.Create();
        curve.ImportSubjectPublicKeyInfo(_publicKey, out _);
        return curve.VerifyData(_signed, _signature, HashAlgorithmName.SHA256);
    }

    [Benchmark]
    public Caller Verify() => _verifier!.Verify(_token);
}
