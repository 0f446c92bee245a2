using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OssProxy.Api.Forms;

namespace OssProxy.Tests.Api;

/// <summary>That a client has gone shows on a socket also while nothing of its body is read.</summary>
public sealed class ClientLeavingSpecs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_when_its_file_has_been_read_is_known_to_have_gone(bool resets)
    {
        var (isRead, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await ServeAsync(async context =>
        {
            using var form = new UploadForm(context, new(Deadline, Deadline, 0, Deadline), letInAt: 0, TimeProvider.System);
            var file = (await form.NextFileAsync(CancellationToken.None))!;
            await file.Body.CopyToAsync(Stream.Null);
            file.ClientLeft.IsCancellationRequested.Should().BeFalse();
            await using var hears = file.ClientLeft.Register(left.SetResult);
            isRead.SetResult();
            await left.Task.WaitAsync(Deadline);
        });

        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, new Uri(server.Urls.First()).Port);
            const string Form = "--b\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {Form.Length}\r\n\r\n{Form}"));
            await isRead.Task.WaitAsync(Deadline);
            if (resets)
                client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await left.Task.WaitAsync(Deadline);
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync();
        return server;
    }
}
