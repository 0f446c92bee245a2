using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Oss;
using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Faults;

/// <summary>What came of one case.</summary>
/// <param name="Hits">How often the fault struck.</param>
/// <param name="Verdict">What the server says in its log.</param>
/// <param name="Answer">All that the client heard.</param>
/// <param name="Ordinary">What an ordinary upload to the same server was answered afterwards.</param>
/// <param name="Errors">What the server called an error meanwhile.</param>
internal sealed record Observed(int Hits, string Verdict, string Answer, string Ordinary, IReadOnlyList<string> Errors);

/// <summary>What stands in store and database once everything has been settled.</summary>
/// <param name="Rows">Original name and path of every stored row.</param>
/// <param name="Objects">Every key of the bucket.</param>
/// <param name="SpoolFiles">What lies in the spool folder.</param>
/// <param name="PartUploads">Keys of unfinished part uploads.</param>
/// <param name="Surplus">A verdict too many.</param>
internal sealed record Leftovers(
    ILookup<string, string> Rows, IReadOnlyList<string> Objects, IReadOnlyList<string> SpoolFiles, IReadOnlyList<string> PartUploads,
    string? Surplus);

/// <summary>A server between two fault proxies, and an emulator behind them; cases go through it one after the other.</summary>
internal sealed class FaultLane : IAsyncDisposable
{
    private const string Chat = "/api/chat/uploadAliyun";

    private readonly LogCatcher _log = new();
    private readonly ApiServer _server;
    private readonly FaultProxy _storeProxy;
    private readonly FaultProxy _clientProxy;

    private FaultLane(ApiServer server, FaultProxy storeProxy)
    {
        _server = server;
        _storeProxy = storeProxy;
        _clientProxy = FaultProxy.Before(server.Address);
        server.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
    }

    public static async Task<FaultLane> StartAsync(Way way, bool isMute)
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-faults-").FullName;
        var emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(folder, "oss")), CancellationToken.None);
        var storeProxy = FaultProxy.Before(emulator.Address);
        var server = await ApiServer.StartAsync(emulator, folder,
        [
            ("Oss:Endpoint", storeProxy.Address.ToString().TrimEnd('/')),
            ("Oss:Attempts", "2"),
            ("Uploads:RecheckDelay", "00:00:01"),
            ("Logging:LogLevel:OssProxy", "Debug"),
            .. isMute ? [("Uploads:IdleTimeout", "00:00:02"), ("Oss:IdleTimeout", "00:00:02")] : Array.Empty<(string, string)>(),
            .. way.Settings,
        ]);
        return new FaultLane(server, storeProxy);
    }

    public async Task<Observed> RunAsync(FaultCase one)
    {
        // Without the line end that may stand behind the last boundary: the last byte is one that matters.
        var form = new Form().File("img", one.Id + ".jpg", Samples.PhotoOf(one.Way.Bytes)).ToBytes()[..^2];
        var (hits, answer) = await SendAsync(one, form);
        var verdict = await _log.VerdictAsync();
        var ordinary = await OrdinaryAsync(one.Way);
        return new Observed(hits, verdict, answer, ordinary, _log.Errors);
    }

    /// <summary>Waits until nothing is pending, then looks.</summary>
    public async Task<Leftovers> SettleAsync()
    {
        await Eventually.TrueAsync(async () => (await _server.RowsAsync()).Pending == 0, "no row is pending");
        var rows = await RowsAsync();
        var uploads = new List<string>();
        await foreach (var upload in _server.Services.GetRequiredService<OssClient>().Multipart.ListUploadsAsync(null, CancellationToken.None))
            uploads.Add(upload.Key);
        return new Leftovers(
            rows.ToLookup(row => row.Name, row => row.Path, StringComparer.Ordinal), await _server.ObjectsAsync(), _server.SpoolFiles(), uploads,
            _log.Surplus());
    }

    public async ValueTask DisposeAsync()
    {
        await _clientProxy.DisposeAsync();
        await _storeProxy.DisposeAsync();
        await _server.DisposeAsync();
        _log.Dispose();
    }

    private async Task<(int Hits, string Answer)> SendAsync(FaultCase one, byte[] form)
    {
        var proxy = one.Side == Side.Client ? _clientProxy : _storeProxy;
        using var fault = proxy.Arm(one.Fault(form.Length));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var client = new RawConnection(socket);
        await socket.ConnectAsync(_clientProxy.Address.Host, _clientProxy.Address.Port);

        // What has not begun cannot fail: a reset that overtakes the head would be the end of a connection and of no request.
        await client.SendAsync(Form.Head($"{Chat}?mode={one.Way.Name}", form.Length, "Connection: close\r\nExpect: 100-continue\r\n"));
        (await client.ReadUntilAsync("\r\n\r\n")).Should().Be("HTTP/1.1 100 Continue\r\n\r\n");

        var sending = SendAsync(client, form);
        var answering = client.ReadToEndAsync();
        if (one.IsWaitingInVain)
        {
            await Task.WhenAny(answering, fault.Struck);
            client.Dispose();
        }

        var answer = await answering;
        client.Dispose();
        await sending;
        await fault.Struck.WaitAsync(TimeSpan.FromSeconds(20));
        return (fault.Hits, answer);
    }

    private static async Task SendAsync(RawConnection client, byte[] form)
    {
        try
        {
            await client.SendAsync(form);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection is what is being harmed.
        }
    }

    private async Task<string> OrdinaryAsync(Way way)
    {
        using var content = new Form().File("img", "ordinary.jpg", Samples.PhotoOf(way.Bytes)).ToContent();
        using var response = await _server.Client.PostAsync(new Uri($"{Chat}?mode={way.Name}", UriKind.Relative), content);
        var verdict = await _log.VerdictAsync();
        return $"{(int)response.StatusCode} {verdict}";
    }

    private async Task<IReadOnlyList<(string Name, string Path)>> RowsAsync()
    {
        var file = Path.Combine(_server.Folder, "data", "records.db");
        await using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT original_name, path FROM image WHERE state = 'stored'";
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(string, string)>();
        while (await reader.ReadAsync())
            rows.Add((reader.GetString(0), reader.GetString(1)));
        return rows;
    }
}
