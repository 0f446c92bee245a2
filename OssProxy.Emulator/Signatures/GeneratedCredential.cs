using System.Security.Cryptography;
using System.Text.Json;

namespace OssProxy.Emulator.Signatures;

/// <summary>There is no default secret: without configuration each folder gets a random pair of its own, readable by its owner alone.</summary>
internal static class GeneratedCredential
{
    public static EmulatorCredential LoadOrCreate(string folder)
    {
        var path = Path.Combine(folder, "credential.json");
        if (File.Exists(path))
            return JsonSerializer.Deserialize<EmulatorCredential>(File.ReadAllBytes(path)) ?? throw new InvalidDataException($"{path} is empty.");

        var credential = new EmulatorCredential
        {
            AccessKeyId = "EMULATOR" + Convert.ToHexString(RandomNumberGenerator.GetBytes(8)),
            AccessKeySecret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)),
        };

        // The mode is given at creation: nobody may read between creation and a later chmod.
        var mode = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using var file = new FileStream(path, mode);
        JsonSerializer.Serialize(file, credential);
        return credential;
    }
}
