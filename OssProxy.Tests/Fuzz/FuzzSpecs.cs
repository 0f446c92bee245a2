using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using OssProxy.Tests.Processes;
using Xunit.Abstractions;

namespace OssProxy.Tests.Fuzz;

/// <summary>
/// Spoilt requests over real sockets against a server that runs as a process: no 5xx, no hang, no growth, and every object has its row.
/// <c>OSSPROXY_FUZZ_MINUTES</c> says for how long (a few seconds without it), <c>OSSPROXY_FUZZ_SEED</c> which cases.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzSpecs(ITestOutputHelper output) : ProcessSpecs
{
    private const int UsualSeed = 20260105;
    private const int AtOnce = 4;
    private const long MayGrowBytes = 64L * 1024 * 1024;

    // Connections to the store and the database come and go.
    private const int MayGrowHandles = 40;

    // What HTTP wants said of a transfer coding or a version that does not exist.
    private static readonly int[] OfHttp = [501, 505];

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Spoilt_requests_break_nothing_and_leave_nothing()
    {
        var seed = Setting("OSSPROXY_FUZZ_SEED") is { } given ? (int)given : UsualSeed;
        var time = Setting("OSSPROXY_FUZZ_MINUTES") is { } minutes ? TimeSpan.FromMinutes(minutes) : Short;
        var settings = Settings(("Uploads:IdleTimeout", "00:00:10"), ("Uploads:RecheckDelay", "00:00:01"));
        await using var server = await ServerProcess.StartAsync(settings, Folder);
        using var run = new Run(server.Address, new FuzzCases(seed));

        // What every process needs once - compiled code, pools, connections - is no growth.
        await run.ForAsync(time / 3);
        var (memory, handles) = (server.Resident(), Handles(server));
        await run.ForAsync(time * 2 / 3);
        output.WriteLine(run.Told(seed));

        run.Answers.Keys.Should().Contain([200, 400], "both good and bad were sent");
        await Eventually.TrueAsync(async () => (await RowsAsync()).Pending == 0, "no row is pending");
        await Eventually.TrueAsync(() => Task.FromResult(Handles(server) <= handles + MayGrowHandles), "handles are given back");
        (server.Resident() - memory).Should().BeLessThan(MayGrowBytes);
        SpoolFiles().Should().BeEmpty();

        var rows = await StoredAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Objects().Count <= rows.Count), "what was undone is gone from the store");
        Objects().Except(rows).Should().BeEmpty("every object has a row");
        rows.Except(Objects()).Should().BeEmpty("every row has an object");
        run.Stored.Except(rows).Should().BeEmpty("what was answered is kept");

        server.Terminate();
        await server.ExitAsync();
        server.Output.Should().NotContain("\"Level\":\"Error\"").And.NotContain("\"Level\":\"Fatal\"");
    }

    private static double? Setting(string name) =>
        double.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static int Handles(ServerProcess server) => Directory.GetFileSystemEntries($"/proc/{server.Id}/fd").Length;

    private string[] SpoolFiles()
    {
        var spool = Path.Combine(Folder, "spool");
        return Directory.Exists(spool) ? Directory.GetFiles(spool) : [];
    }

    private async Task<HashSet<string>> StoredAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "data", "records.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT path FROM image WHERE state = 'stored'";
        await using var reader = await command.ExecuteReaderAsync();
        var paths = new HashSet<string>();
        while (await reader.ReadAsync())
            paths.Add(reader.GetString(0));
        return paths;
    }

    // Asked of the emulator's disk: there is one small file for each object.
    private HashSet<string> Objects() =>
        [.. Directory.EnumerateFiles(Path.Combine(Folder, "oss", "buckets"), "*.json", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(Path.GetDirectoryName(path)) == "objects")
            .Select(path =>
            {
                using var described = JsonDocument.Parse(File.ReadAllBytes(path));
                return described.RootElement.EnumerateObject().First(member => member.NameEquals("key") || member.NameEquals("Key")).Value.GetString()!;
            })];

    /// <summary>One case after the other, several at once, until the time is over.</summary>
    private sealed class Run(Uri server, FuzzCases cases) : IDisposable
    {
        // However slow the machine is. Until the first collection, after some 1,240 cases, memory grows by 66 KiB with every case, and stands still
        // from then on: a look at it before says nothing.
        private const int Least = 1300;

        private readonly CancellationTokenSource _failed = new();
        private int _next;
        private int _done;

        public ConcurrentDictionary<int, int> Answers { get; } = new();

        public ConcurrentBag<string> Stored { get; } = [];

        public async Task ForAsync(TimeSpan time)
        {
            var began = TimeProvider.System.GetTimestamp();
            var least = _done + Least;
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
            {
                while (!_failed.IsCancellationRequested && (_done < least || TimeProvider.System.GetElapsedTime(began) < time))
                    await OneAsync(Interlocked.Increment(ref _next));
            }));
        }

        public string Told(int seed) =>
            $"{_done} cases of seed {seed}: {string.Join(", ", Answers.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} × {pair.Key}"))}";

        public void Dispose() => _failed.Dispose();

        private async Task OneAsync(int number)
        {
            var sent = cases.At(number);
            try
            {
                var heard = await FuzzClient.ExchangeAsync(server, sent);
                foreach (var status in heard.Statuses)
                {
                    Answers.AddOrUpdate(status, 1, static (_, count) => count + 1);
                    if (status >= 500 && !OfHttp.Contains(status))
                        throw new InvalidOperationException("The server is broken: " + heard.Text);
                }

                foreach (var key in heard.Stored)
                    Stored.Add(key);
                Interlocked.Increment(ref _done);
            }
            catch (Exception failure)
            {
                await _failed.CancelAsync();
                throw new InvalidOperationException(
                    $"Case {number} ({sent.Ending}, in pieces of {string.Join(", ", sent.Pieces)}): {Convert.ToBase64String(sent.Bytes)}", failure);
            }
        }
    }
}
