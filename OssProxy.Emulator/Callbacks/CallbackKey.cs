using System.Security.Cryptography;

namespace OssProxy.Emulator.Callbacks;

/// <summary>
/// The key that callbacks are signed with, one per folder. Made when it is first needed: most emulators never call
/// anybody, and making one costs a tenth of a second.
/// </summary>
internal sealed class CallbackKey(string folder) : IDisposable
{
    /// <summary>The name that the service's own key has.</summary>
    public const string PublicKeyPath = "/__emulator/callback_pub_key_v1.pem";

    private const int Bits = 2048;

    // An RSA instance is not promised to be safe for several threads.
    private readonly Lock _gate = new();
    private RSA? _key;

    /// <summary>SubjectPublicKeyInfo, PEM.</summary>
    public string PublicPem()
    {
        lock (_gate)
            return Key().ExportSubjectPublicKeyInfoPem() + "\n";
    }

    /// <summary>PKCS#1 v1.5 with MD5, as the service signs.</summary>
    public string Sign(byte[] text)
    {
        lock (_gate)
            return Convert.ToBase64String(Key().SignData(text, HashAlgorithmName.MD5, RSASignaturePadding.Pkcs1));
    }

    public void Dispose()
    {
        lock (_gate)
            _key?.Dispose();
    }

    private RSA Key() => _key ??= LoadOrCreate();

    private RSA LoadOrCreate()
    {
        var path = Path.Combine(folder, "callback_key.pem");
        var key = RSA.Create(Bits);
        if (File.Exists(path))
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }

        // The mode is given at creation, the name when all is written: nobody reads it in between, and a kill leaves no half of it.
        var mode = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using (var file = new StreamWriter(path + ".new", mode))
            file.Write(key.ExportPkcs8PrivateKeyPem());

        File.Move(path + ".new", path, overwrite: true);
        return key;
    }
}
