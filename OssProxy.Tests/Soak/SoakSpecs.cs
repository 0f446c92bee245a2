using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Data.Sqlite;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Faults;
using OssProxy.Tests.Processes;
using Xunit.Abstractions;

namespace OssProxy.Tests.Soak;

/// <summary>Many uploads of all sizes, among clients that leave and a store that fails: what was acknowledged is there, nothing else is,
/// and the process is as small at the end as it was before.</summary>
[Trait("Category", "Soak")]
public sealed class SoakSpecs(ITestOutputHelper output) : ProcessSpecs
{
    private const int Clients = 16;
    private const int Samples = 80;

    // Below it a process is still compiling what it needs, and its memory says nothing.
    private const int FewestForMemory = 20_000;

    private static readonly int Uploads = Number("OSSPROXY_SOAK", 300);
    private static readonly int Seed = Number("OSSPROXY_SOAK_SEED", 20261121);

    private readonly ConcurrentDictionary<string, StoredFile> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<SoakSample> _samples = new();

    [Fact]
    public async Task After_many_uploads_and_faults_store_and_database_hold_exactly_what_was_acknowledged_and_nothing_has_grown()
    {
        await using var network = FaultProxy.Before(Emulator.Address);
        await using var server = await ServerProcess.StartAsync(
            Settings(
                ("Oss:Endpoint", network.Address.ToString().TrimEnd('/')), ("Uploads:RecheckDelay", "00:00:01"),
                ("Serilog:MinimumLevel:Override:OssProxy", "Error")),
            Folder);
        var began = TimeProvider.System.GetTimestamp();
        await RunAsync(server, network);
        var took = TimeProvider.System.GetElapsedTime(began);

        await Eventually.TrueAsync(async () => (await RowsAsync()).Pending == 0, "everything has been settled");
        Report(took, network);
        ShouldBeTheAcknowledged(StoredFile.AllOf(Folder));
        ShouldBeTheAcknowledged(await StoredRowsAsync());
        StoredFile.PartsOf(Folder).Should().BeEmpty();
        Directory.GetFiles(Path.Combine(Folder, "spool")).Should().BeEmpty();
        server.Output.Should().NotContain("\"Level\":\"Error\"").And.NotContain("\"Level\":\"Fatal\"");
        NothingShouldHaveGrown();
    }

    private async Task RunAsync(ServerProcess server, FaultProxy network)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Clients })
        {
            BaseAddress = server.Address,
            Timeout = TimeSpan.FromMinutes(1),
        };
        var done = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Uploads), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (number, _) =>
            {
                var upload = new SoakUpload(Seed, number);
                if (upload.Rule is { } rule)
                    Rearm(rule);
                if (upload.Fault is { } fault)
                    Rearm(network, fault);
                Count(upload.LeavesAt is { } share ? await LeaveAsync(server, upload, share) : await UploadAsync(client, upload));
                if (Interlocked.Increment(ref done) % Math.Max(1, Uploads / Samples) == 0)
                    _samples.Enqueue(SoakSample.Of(server.Id));
            });
        Emulator.Faults.Clear();
        network.Armed?.Dispose();
    }

    private void Rearm(FaultRule rule)
    {
        foreach (var struck in Emulator.Faults.Snapshot().Where(fault => fault.Hits > 0))
            struck.Dispose();
        Emulator.Faults.Add(rule);
    }

    // One at a time; one that has struck makes room.
    private static void Rearm(FaultProxy network, Fault fault)
    {
        lock (network)
        {
            if (network.Armed is { Hits: 0 })
                return;
            network.Armed?.Dispose();
            network.Arm(fault);
        }
    }

    private async Task<string> UploadAsync(HttpClient client, SoakUpload upload)
    {
        try
        {
            using var content = upload.Form.ToContent();
            using var response = await client.PostAsync(new Uri($"{Chat}?mode={upload.Mode}", UriKind.Relative), content);
            var answer = await Answer.ReadAsync(response);
            if (answer.Status != HttpStatusCode.OK)
                return answer.ErrorCode!;
            var key = answer.Row.GetProperty("path").GetString()!;
            _acknowledged.TryAdd(key, new StoredFile(key, upload.Length, upload.Crc64)).Should().BeTrue("a key is given once");
            return "200";
        }
        catch (HttpRequestException)
        {
            // An early refusal whose answer the client could not wait for.
            return "cut off";
        }
    }

    private static async Task<string> LeaveAsync(ServerProcess server, SoakUpload upload, double share)
    {
        using var connection = await server.ConnectAsync();
        var form = upload.Form.ToBytes();
        await connection.SendAsync(Form.Head($"{Chat}?mode={upload.Mode}", form.Length));
        // The last boundary stays unfinished: who has sent all has not left too early.
        await connection.SendAsync(form.AsMemory(0, (int)(share * (form.Length - 8))));
        if (upload.Leaves == SoakUpload.Leaving.Reset)
            connection.Reset();
        else if (upload.Leaves == SoakUpload.Leaving.HalfClose)
            connection.HalfClose();
        if (upload.Leaves == SoakUpload.Leaving.HalfClose)
            await connection.ReadToEndAsync();
        return "left";
    }

    private void Count(string outcome) => _outcomes.AddOrUpdate(outcome, 1, static (_, count) => count + 1);

    private async Task<IReadOnlyList<StoredFile>> StoredRowsAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "data", "records.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT path, size, crc64 FROM image";
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<StoredFile>();
        while (await reader.ReadAsync())
            rows.Add(new StoredFile(reader.GetString(0), reader.GetInt64(1), ulong.Parse(reader.GetString(2), CultureInfo.InvariantCulture)));
        return rows;
    }

    // Not by BeEquivalentTo, which compares everybody with everybody.
    private void ShouldBeTheAcknowledged(IReadOnlyCollection<StoredFile> found)
    {
        found.Except(_acknowledged.Values).Should().BeEmpty("nobody was told of it");
        _acknowledged.Values.Except(found).Should().BeEmpty("somebody was told of it");
        found.Should().HaveSameCount(_acknowledged);
    }

    private void NothingShouldHaveGrown()
    {
        var samples = _samples.ToList();
        var before = SoakSample.Quarter(samples, 2);
        var after = SoakSample.Quarter(samples, 4);
        after.Handles.Should().BeLessThan(before.Handles + Clients);
        after.Sockets.Should().BeLessThan(before.Sockets + Clients);
        if (Uploads >= FewestForMemory)
            after.Resident.Should().BeLessThan(before.Resident + (16 << 20));
    }

    private void Report(TimeSpan took, FaultProxy network)
    {
        var samples = _samples.ToList();
        var seconds = took.TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {Seed}: {Uploads} uploads in {seconds:0} s, {Uploads / seconds:0} a second, {_acknowledged.Values.Sum(one => one.Length) / 1e9:0.00} GB kept, {network.Open} connections to the store"));
        foreach (var (outcome, count) in _outcomes.OrderByDescending(pair => pair.Value))
            output.WriteLine($"  {outcome}: {count}");
        foreach (var quarter in Enumerable.Range(1, 4))
            output.WriteLine($"  quarter {quarter}: {SoakSample.Quarter(samples, quarter)}");
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
