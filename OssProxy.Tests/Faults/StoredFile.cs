using System.Text.Json;

namespace OssProxy.Tests.Faults;

/// <summary>An object as it lies on the emulator's disk.</summary>
internal sealed record StoredFile(string Key, long Length, ulong Crc64)
{
    /// <summary>Every object of the emulator whose folder is <c>oss</c> in that of a test.</summary>
    public static IReadOnlyList<StoredFile> AllOf(string folder) =>
        [.. Files(folder, "objects").Select(Read).OfType<StoredFile>()];

    /// <summary>Whatever there is of unfinished part uploads.</summary>
    public static IReadOnlyList<string> PartsOf(string folder) => [.. Files(folder, "uploads")];

    private static IEnumerable<string> Files(string folder, string kind) =>
        from bucket in Directory.EnumerateDirectories(Path.Combine(folder, "oss", "buckets"))
        let path = Path.Combine(bucket, kind)
        where Directory.Exists(path)
        from file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
        select file;

    // Null for one that has been deleted since.
    private static StoredFile? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<StoredFile>(File.ReadAllBytes(path));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
