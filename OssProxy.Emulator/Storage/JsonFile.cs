using System.Text.Json;

namespace OssProxy.Emulator.Storage;

/// <summary>Small documents on disk, replaced by rename so that a reader or a kill sees the old or the new one whole.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = false };

    public static void Write<T>(string path, T value, string tempFolder)
    {
        var temp = Path.Combine(tempFolder, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(temp, JsonSerializer.SerializeToUtf8Bytes(value, Format));
        File.Move(temp, path, overwrite: true);
    }

    public static T Read<T>(string path) =>
        JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Format) ?? throw new InvalidDataException($"{path} is empty.");
}
