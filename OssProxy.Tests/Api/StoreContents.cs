using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Api;

/// <summary>Looks into the store and the database from outside, beside a running server.</summary>
public static class StoreContents
{
    /// <summary>Rows by state.</summary>
    public sealed record Rows(int Pending, int Stored);

    internal static async Task<IReadOnlyList<string>> KeysAsync(IServiceProvider services)
    {
        if (services.GetService<OssClient>() is not { } client)
            return [];

        var keys = new List<string>();
        await foreach (var entry in client.Bucket.ListAsync(prefix: null, CancellationToken.None))
            keys.Add(entry.Key);
        return keys;
    }

    /// <summary>Whether the emulator of a test folder holds any object, asked of its disk.</summary>
    internal static Task<bool> HasObjectAsync(string folder) => Task.FromResult(ObjectCount(folder) > 0);

    /// <summary>How many objects the emulator of a test folder holds, asked of its disk: who counts before and after each of a thousand
    /// requests does not have them listed.</summary>
    internal static int ObjectCount(string folder) => Directory.EnumerateDirectories(Path.Combine(folder, "oss", "buckets"))
        .Sum(bucket => Path.Combine(bucket, "objects") is var objects && Directory.Exists(objects)
            ? Directory.EnumerateFiles(objects, "*.json").Count() : 0);

    /// <summary>Whether the emulator of a test folder holds parts that nobody has joined or aborted, asked of its disk.</summary>
    internal static bool HasParts(string folder)
    {
        try
        {
            return Directory.EnumerateDirectories(Path.Combine(folder, "oss", "buckets"), "uploads", SearchOption.AllDirectories)
                .SelectMany(uploads => Directory.EnumerateFiles(uploads, "?????.json", SearchOption.AllDirectories))
                .Any();
        }
        catch (DirectoryNotFoundException)
        {
            // Removed while we looked: there was something.
            return true;
        }
    }

    internal static async Task<Rows> RowsAsync(string dataFolder)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(dataFolder, "records.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(sum(state = 'pending'), 0), coalesce(sum(state = 'stored'), 0) FROM image";
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Rows(reader.GetInt32(0), reader.GetInt32(1));
    }
}
