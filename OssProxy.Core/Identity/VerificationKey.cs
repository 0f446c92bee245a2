using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Identity;

/// <summary>What is wrong with a key that tokens are to be verified with.</summary>
internal enum JwtKeyFault
{
    /// <summary>The algorithm is none of those that are known here.</summary>
    AlgorithmUnknown,

    /// <summary>The shared secret is missing, or short enough to be guessed.</summary>
    SecretTooShort,

    /// <summary>The shared secret is a key in PEM. Whoever knew a public key could sign with it.</summary>
    SecretIsPem,

    /// <summary>There is a shared secret, and the algorithm has none.</summary>
    SecretUnused,

    /// <summary>There is a public key, and the algorithm has none.</summary>
    PublicKeyUnused,

    /// <summary>The public key is missing, no PEM, or of another kind than the algorithm's.</summary>
    PublicKeyUnreadable,

    /// <summary>The private key was given, which belongs with the issuer alone.</summary>
    KeyIsPrivate,

    /// <summary>The RSA key is shorter than 2048 bits.</summary>
    RsaTooShort,

    /// <summary>The key's curve is not P-256.</summary>
    CurveWrong,
}

/// <summary>
/// A key of another backend, and the one algorithm that it is used with: what a token says of itself never chooses how a key is used. May be
/// asked by any number of threads at once.
/// </summary>
internal sealed class VerificationKey
{
    /// <summary>Shortest shared secret, in characters. 32 are better; 16 is what servers in service have.</summary>
    public const int ShortestSecret = 16;

    private const int LeastRsaBits = 2048;

    private static readonly FrozenDictionary<string, HashAlgorithmName> Hashes = new Dictionary<string, HashAlgorithmName>(StringComparer.Ordinal)
    {
        ["HS256"] = HashAlgorithmName.SHA256,
        ["HS384"] = HashAlgorithmName.SHA384,
        ["HS512"] = HashAlgorithmName.SHA512,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly Check _check;

    private VerificationKey(JwtKey configured, Check check) => (Id, Algorithm, _check) = (configured.Id, configured.Algorithm, check);

    private delegate bool Check(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);

    /// <summary>The key's name; empty for none.</summary>
    public string Id { get; }

    /// <summary>The only algorithm that it is used with, as tokens write it.</summary>
    public string Algorithm { get; }

    /// <summary>The key that a setting describes, or what is wrong with it.</summary>
    public static (VerificationKey? Key, JwtKeyFault? Fault) Of(JwtKey configured)
    {
        if (Hashes.TryGetValue(configured.Algorithm, out var hash))
            return OfSecret(configured, hash);
        if (configured.Algorithm is not ("RS256" or "ES256"))
            return (null, JwtKeyFault.AlgorithmUnknown);
        if (!configured.Secret.IsEmpty)
            return (null, JwtKeyFault.SecretUnused);

        // Files of environment variables have no line breaks within a value; what people write there instead is this.
        var pem = configured.PublicKey.Replace("\\n", "\n", StringComparison.Ordinal);
        if (pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            return (null, JwtKeyFault.KeyIsPrivate);
        try
        {
            return configured.Algorithm == "RS256" ? OfRsa(configured, pem) : OfCurve(configured, pem);
        }
        catch (Exception failure) when (failure is ArgumentException or CryptographicException or PlatformNotSupportedException)
        {
            return (null, JwtKeyFault.PublicKeyUnreadable);
        }
    }

    /// <summary>Whether a signature is this key's. Costs what the signature costs.</summary>
    public bool HasSigned(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) => _check(signed, signature);

    private static (VerificationKey? Key, JwtKeyFault? Fault) OfSecret(JwtKey configured, HashAlgorithmName hash)
    {
        if (configured.PublicKey.Length > 0)
            return (null, JwtKeyFault.PublicKeyUnused);
        if (configured.Secret.Length < ShortestSecret)
            return (null, JwtKeyFault.SecretTooShort);
        if (configured.Secret.Reveal().Contains("-----BEGIN", StringComparison.Ordinal))
            return (null, JwtKeyFault.SecretIsPem);

        var secret = Encoding.UTF8.GetBytes(configured.Secret.Reveal());
        return (new(configured, (signed, signature) =>
            CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(hash, secret, signed), signature)), null);
    }

    private static (VerificationKey? Key, JwtKeyFault? Fault) OfRsa(JwtKey configured, string pem)
    {
        using var key = RSA.Create();
        key.ImportFromPem(pem);
        if (key.KeySize < LeastRsaBits)
            return (null, JwtKeyFault.RsaTooShort);

        var copies = new Copies<RSA>(key, RSA.Create);
        return (new(configured, (signed, signature) =>
        {
            var copy = copies.Take();
            var good = copy.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            copies.GiveBack(copy);
            return good;
        }), null);
    }

    private static (VerificationKey? Key, JwtKeyFault? Fault) OfCurve(JwtKey configured, string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        if (key.ExportParameters(includePrivateParameters: false).Curve is not { IsNamed: true } curve
            || curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            return (null, JwtKeyFault.CurveWrong);

        var copies = new Copies<ECDsa>(key, ECDsa.Create);
        return (new(configured, (signed, signature) =>
        {
            var copy = copies.Take();
            var good = copy.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            copies.GiveBack(copy);
            return good;
        }), null);
    }

    /// <summary>
    /// The framework promises nothing about one key that two threads use, and to import a key costs two to six times what a signature does
    /// (docs/performance.md). So there are as many as were ever in use at once, which is no more than there are threads. One that has failed
    /// is not given back.
    /// </summary>
    private sealed class Copies<TKey>(TKey key, Func<TKey> create)
        where TKey : AsymmetricAlgorithm
    {
        private readonly byte[] _publicKey = key.ExportSubjectPublicKeyInfo();
        private readonly ConcurrentBag<TKey> _free = [];

        public TKey Take()
        {
            if (_free.TryTake(out var free))
                return free;

            var copy = create();
            copy.ImportSubjectPublicKeyInfo(_publicKey, out _);
            return copy;
        }

        public void GiveBack(TKey copy) => _free.Add(copy);
    }
}
