using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Processes;
using Xunit.Abstractions;

namespace OssProxy.Tests.Reconciliation;

/// <summary>The comparison of a large bucket, as a process of its own: its time and its memory. The objects are written into the emulator's
/// folder, most of them without bytes, the rows by one statement.</summary>
[Trait("Category", "Scale")]
public sealed class ScaleSpecs(ITestOutputHelper output) : IAsyncLifetime
{
    private const long MostBytes = 100 << 20;
    private const int Differing = 10;

    private static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("OSSPROXY_SCALE"), CultureInfo.InvariantCulture, out var number) ? number : 2000;

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-scale-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_large_bucket_is_compared_in_small_memory()
    {
        var options = ApiServer.EmulatorOptions(Path.Combine(_folder, "oss"));
        await (await EmulatorServer.StartAsync(options, CancellationToken.None)).DisposeAsync();
        foreach (var number in Enumerable.Range(0, Count))
            WriteObject(Key(number), number < Differing ? Path.GetFileName(Key(number)) : "none");
        await using var emulator = await EmulatorServer.StartAsync(options, CancellationToken.None);
        var settings = ApiServer.Settings(emulator.Address, _folder);
        await using (await ServerProcess.StartAsync(settings, _folder))
            await WriteRowsAsync();

        var began = TimeProvider.System.GetTimestamp();
        await using var run = ServerProcess.Begin(["reconcile"], settings, _folder);
        var peak = await PeakAsync(run);
        var took = TimeProvider.System.GetElapsedTime(began);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Count} objects and rows: {took.TotalSeconds:0.0} s, peak {peak / 1048576.0:0.0} MiB"));
        output.WriteLine(run.Output);
        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().Contain($"{Count} 个对象和 {Count} 条记录").And.Contain($"有对象无记录 {Differing}，有记录无对象 {Differing}，").And.Contain($"已处理 {2 * Differing}，");
        peak.Should().BeLessThan(MostBytes);
    }

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"images/{20250101 + (number % 28)}/{number}_9fa0c31b77de.jpg");

    // A look at an object opens its bytes; only those that differ are looked at.
    private void WriteObject(string key, string blob)
    {
        var bucket = Path.Combine(_folder, "oss", "buckets", ApiServer.Bucket);
        if (blob != "none")
            File.WriteAllText(Path.Combine(bucket, "blobs", blob), "bytes");
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + ".json";
        var description = $$"""
            {"Key":"{{key}}","Blob":"{{blob}}","Length":5,"ETag":"00","Crc64":0,"LastModified":"2025-01-01T00:00:00+00:00","Attributes":{} }
            """;
        File.WriteAllText(Path.Combine(bucket, "objects", name), description);
    }

    // As many rows as objects, and the last of them under other keys.
    private async Task WriteRowsAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "data", "records.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            WITH RECURSIVE numbers (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM numbers WHERE n < {Count - 1})
            INSERT INTO image (path, url, create_time, update_time, state, storage, size, media_type, node)
            SELECT 'images/' || (20250101 + n % 28) || '/' || n || CASE WHEN n < {Differing} THEN '_lost' ELSE '_9fa0c31b77de' END || '.jpg',
                '', 0, 0, 'stored', 'oss', 5, 'image/jpeg', '' FROM numbers;
            UPDATE records_schema SET applied_at = 0
            """;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> PeakAsync(ServerProcess run)
    {
        long peak = 0;
        var exited = run.ExitAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        while (!exited.IsCompleted && await timer.WaitForNextTickAsync(deadline.Token))
        {
            try
            {
                peak = Math.Max(peak, run.Peak());
            }
            catch (Exception ended) when (ended is InvalidOperationException or IOException)
            {
                // It has just ended.
            }
        }

        return peak;
    }
}
