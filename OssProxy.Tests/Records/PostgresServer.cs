using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OssProxy.Tests.Records;

/// <summary>Tests that need PostgreSQL share one server, and therefore run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}

/// <summary>
/// A real PostgreSQL on a free port of loopback, in a folder of its own, for the life of the test run. It hangs on a pipe from this
/// process: when the test host dies in any way, the pipe closes and the server stops and clears its folder.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // postgres in the background, so that the shell can wait for the end of the pipe.
    private const string Keeper = """
        folder=$1; bin=$2; port=$3
        "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log"; exit 1; }
        "$bin/postgres" -D "$folder/data" -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= \
            -c fsync=off -c max_connections=150 -c shared_buffers=32MB 2>&1 &
        server=$!
        read -r _
        kill -INT $server
        wait $server
        rm -rf "$folder"/*
        """;

    private readonly int _port = FreePort();
    private string _folder = "";
    private Process? _keeper;
    private int _schemas;

    /// <summary>A connection string whose tables are seen by nobody else.</summary>
    public async Task<string> NewSchemaAsync(CancellationToken cancellationToken)
    {
        var schema = $"t{Interlocked.Increment(ref _schemas)}";
        await using var source = Npgsql.NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand($"CREATE SCHEMA {schema}");
        await command.ExecuteNonQueryAsync(cancellationToken);
        return $"{ConnectionString};Search Path={schema}";
    }

    private string ConnectionString => $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;Maximum Pool Size=40";

    public async Task InitializeAsync()
    {
        var bin = FindBinaries();
        _folder = Directory.CreateTempSubdirectory("ossproxy-pg-").FullName;
        // PostgreSQL refuses to run as root.
        var asRoot = Environment.IsPrivilegedProcess;
        if (asRoot)
            await RunAsync("chown", "postgres", _folder);

        var start = new ProcessStartInfo(asRoot ? "setpriv" : "sh")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder,
        };
        string[] arguments =
        [
            .. asRoot ? new[] { "--reuid=postgres", "--regid=postgres", "--clear-groups", "sh" } : [],
            "-c", Keeper, "keeper", _folder, bin, _port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _keeper = Process.Start(start)!;
        _keeper.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException("PostgreSQL did not start:\n" + string.Join('\n', said)));
            else if (line.Data.Contains("ready to accept connections", StringComparison.Ordinal))
                ready.TrySetResult();
            else
                said.Enqueue(line.Data);
        };
        _keeper.BeginOutputReadLine();
        await ready.Task.WaitAsync(Deadline);
    }

    public async Task DisposeAsync()
    {
        if (_keeper is not null)
        {
            _keeper.StandardInput.Close();
            using var deadline = new CancellationTokenSource(Deadline);
            await _keeper.WaitForExitAsync(deadline.Token);
            _keeper.Dispose();
        }

        if (_folder.Length > 0)
            Directory.Delete(_folder, recursive: true);
    }

    private static string FindBinaries()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
            : [];
        return debian.Concat(onPath).FirstOrDefault(folder =>
                File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
            ?? throw new InvalidOperationException(
                "initdb and postgres were found neither on PATH nor in /usr/lib/postgresql/*/bin: install them (Debian: apt-get install postgresql).");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        using var deadline = new CancellationTokenSource(Deadline);
        await process.WaitForExitAsync(deadline.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed with {process.ExitCode}.");
    }
}
