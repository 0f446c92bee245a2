using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OssProxy.Tests.Architecture;

namespace OssProxy.Tests.Deployment;

/// <summary>deploy/nginx.conf, read and run by nginx itself in front of a node that only listens.</summary>
public sealed class NginxSpecs : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ossproxy-nginx-");

    private string Front => Path.Combine(_folder.FullName, "front");

    private string Log => Path.Combine(_folder.FullName, "access.log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_configuration_is_one_that_nginx_accepts()
    {
        using var nginx = Start("-t", WithLoopback(7001));
        using var deadline = new CancellationTokenSource(Deadline);

        var said = await nginx.StandardError.ReadToEndAsync(deadline.Token);
        await nginx.WaitForExitAsync(deadline.Token);

        nginx.ExitCode.Should().Be(0, said);
    }

    [Fact]
    public async Task A_large_body_reaches_the_node_while_the_client_is_still_sending_it()
    {
        // More than the 1 MiB that nginx refuses unless it is told otherwise.
        const int length = 2 * 1024 * 1024;
        using var deadline = new CancellationTokenSource(Deadline);
        var firstByte = new TaskCompletionSource<IHeaderDictionary>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await NodeAsync(firstByte, deadline.Token);
        using var nginx = Start("-q", WithLoopback(new Uri(node.Urls.Single()).Port));
        try
        {
            await using var wire = await ConnectAsync(deadline.Token);

            var head = $"POST /api/chat/uploadAliyun?token=secret-one HTTP/1.1\r\nHost: img.example.com\r\nReferer: https://h5.example/?token=secret-two\r\nX-Forwarded-For: 203.0.113.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n1";
            await wire.WriteAsync(Encoding.ASCII.GetBytes(head), deadline.Token);
            var headers = await firstByte.Task.WaitAsync(deadline.Token);
            await wire.WriteAsync(new byte[length - 1], deadline.Token);
            using var answer = new StreamReader(wire);

            (await answer.ReadLineAsync(deadline.Token)).Should().Be("HTTP/1.1 200 OK");
            (await answer.ReadToEndAsync(deadline.Token)).Should().EndWith($"\r\n\r\n{length}");
            headers.Host.ToString().Should().Be("img.example.com");
            headers["X-Forwarded-Proto"].ToString().Should().Be("http");
            headers["X-Forwarded-Host"].ToString().Should().Be("img.example.com");
            headers["X-Forwarded-For"].ToString().Should().StartWith("203.0.113.1, ", "where the request came from stands behind what it claims");
            await Eventually.TrueAsync(async () => (await File.ReadAllTextAsync(Log, deadline.Token)).Length > 0, "the request is logged");
            (await File.ReadAllTextAsync(Log, deadline.Token)).Should().Contain("\"POST /api/chat/uploadAliyun HTTP/1.1\" 200").And.NotContain("secret");
        }
        finally
        {
            nginx.Kill();
        }
    }

    [Theory]
    [InlineData(4096, "502 Bad Gateway")]
    [InlineData(2, "500 Internal Server Error")]
    public async Task A_node_that_is_away_or_cannot_be_connected_to_is_told_without_the_token_that_was_meant_for_it(int connections, string status)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        // The one that listens and that of the client leave none for the node, which nginx says louder than that the node is away.
        using var nginx = Start("-q", WithLoopback(port, connections));
        try
        {
            await using var wire = await ConnectAsync(deadline.Token);

            await wire.WriteAsync(
                "GET /api/me?token=secret-one HTTP/1.1\r\nHost: h\r\nReferer: https://h5.example/?token=secret-two\r\nConnection: close\r\n\r\n"u8.ToArray(), deadline.Token);
            using var answer = new StreamReader(wire);
            (await answer.ReadLineAsync(deadline.Token)).Should().Be($"HTTP/1.1 {status}");
            await Eventually.TrueAsync(async () => (await File.ReadAllTextAsync(Log, deadline.Token)).Length > 0, "the request is logged");
        }
        finally
        {
            nginx.Kill();
        }

        (await nginx.StandardError.ReadToEndAsync(deadline.Token)).Should().NotContain("secret");
        (await File.ReadAllTextAsync(Log, deadline.Token)).Should().Contain($"\"GET /api/me HTTP/1.1\" {status[..3]}").And.NotContain("secret");
        if (connections > 2)
            (await File.ReadAllTextAsync(Log, deadline.Token)).Should().Contain($" 127.0.0.1:{port}", "it says which node");
    }

    private static async Task<WebApplication> NodeAsync(TaskCompletionSource<IHeaderDictionary> firstByte, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var node = builder.Build();
        node.Run(async context =>
        {
            var buffer = new byte[64 * 1024];
            var total = 0L;
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                total += read;
                firstByte.TrySetResult(new HeaderDictionary(context.Request.Headers.ToDictionary()));
            }

            context.Response.ContentLength = total.ToString().Length;
            await context.Response.WriteAsync(total.ToString(), context.RequestAborted);
        });
        await node.StartAsync(cancellationToken);
        return node;
    }

    // The file as it is but for the places: one process, our own folder and socket, a node on loopback.
    private string WithLoopback(int port, int connections = 4096)
    {
        var text = SourceTree.Read("deploy/nginx.conf")
            .Replace("error_log /dev/stderr ", "daemon off; master_process off; error_log stderr ", StringComparison.Ordinal)
            .Replace("access_log /dev/stdout ", $"{TemporaryFolders()} access_log {Log} ", StringComparison.Ordinal)
            .Replace("worker_connections 4096;", $"worker_connections {connections};", StringComparison.Ordinal)
            .Replace("/tmp/nginx.pid", Path.Combine(_folder.FullName, "pid"), StringComparison.Ordinal)
            .Replace("listen 80;", $"listen unix:{Front};", StringComparison.Ordinal)
            .Replace("api1:7001", $"127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("api2:7001", $"127.0.0.1:{port}", StringComparison.Ordinal);
        var file = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(file, text);
        return file;
    }

    // Where nginx would write by default belongs to root.
    private string TemporaryFolders() => string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }
        .Select(kind => $"{kind}_temp_path {Path.Combine(_folder.FullName, kind)};"));

    // It is ready when it takes connections.
    private async Task<NetworkStream> ConnectAsync(CancellationToken cancellationToken)
    {
        Socket? client = null;
        await Eventually.TrueAsync(
            async () =>
            {
                client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await client.ConnectAsync(new UnixDomainSocketEndPoint(Front), cancellationToken);
                    return true;
                }
                catch (SocketException)
                {
                    client.Dispose();
                    return false;
                }
            },
            "nginx listens");
        return new NetworkStream(client!, ownsSocket: true);
    }

    private static Process Start(string how, string configuration)
    {
        // Debian keeps it in a folder that not every user has in the path.
        var program = new[] { "/usr/sbin/nginx", "/usr/local/sbin/nginx" }.FirstOrDefault(File.Exists) ?? "nginx";
        return Process.Start(new ProcessStartInfo(program, [how, "-c", configuration])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
    }
}
