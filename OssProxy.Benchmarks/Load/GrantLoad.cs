using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OssProxy.Benchmarks.Load;

/// <summary>
/// A crowd that asks for grants or posts forms, eight at a time over connections that stay open: <c>load &lt;url&gt; &lt;what&gt; &lt;count&gt; [&lt;rate&gt;]</c>.
/// With <c>&lt;rate&gt;</c> no more than so many begin in a second. Says how many were answered in a second; whoever measures the server does so from outside. Any answer that is no success ends it.
/// </summary>
internal static class GrantLoad
{
    private const int AtOnce = 8;
    private const string Boundary = "----bench7YzA0b1C2d3E4f5";

    private static readonly byte[] Small = Picture(10 * 1024);
    private static readonly byte[] Usual = Picture(100 * 1024);

    public static async Task<int> RunAsync(string[] args)
    {
        var rate = 0;
        if (args is not [var url, var what, var text, .. var paced] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || (paced is not [] && !int.TryParse(paced[0], NumberStyles.None, CultureInfo.InvariantCulture, out rate)))
        {
            await Console.Error.WriteLineAsync("usage: load <url> <health|policy-v1|policy-v4|file-v4|put|chat|chat-100|gateway> <count> [<rate>]");
            return 2;
        }

        using var sockets = new SocketsHttpHandler { ConnectCallback = ConnectAsync };
        using var client = new HttpClient(sockets) { BaseAddress = new Uri(url) };
        var policy = what == "gateway" ? await PolicyAsync(client) : default;
        var left = count;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
            {
                if (rate > 0 && TimeSpan.FromSeconds((count - 1.0 - number) / rate) - clock.Elapsed is { Ticks: > 0 } early)
                    await Task.Delay(early);
                using var request = Make(what, policy, number);
                using var answer = await client.SendAsync(request);
                if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NoContent))
                    throw new InvalidOperationException($"{what}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                await answer.Content.LoadIntoBufferAsync();
            }
        }));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count / clock.Elapsed.TotalSeconds:0}"));
        return 0;
    }

    // Every connection comes from a loopback address of its own: grants are counted by address, and no caller has thousands open.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
#pragma warning disable CA5394 // An address needs no secret.
            socket.Bind(new IPEndPoint(new IPAddress([127, .. Enumerable.Range(0, 3).Select(_ => (byte)Random.Shared.Next(1, 255))]), 0));
#pragma warning restore CA5394
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static HttpRequestMessage Make(string what, JsonElement policy, int number) => what switch
    {
        "health" => new(HttpMethod.Get, "/healthz"),
        "policy-v1" => new(HttpMethod.Get, "/oss/policy?version=1"),
        "policy-v4" => new(HttpMethod.Get, "/oss/policy?version=4"),
        "file-v4" => new(HttpMethod.Get, "/oss/policy?version=4&file_name=bench.jpg&size=10240"),
        "put" => new(HttpMethod.Post, "/oss/presign") { Content = Json("""{"file_name":"bench.jpg","size":10240}""") },
        "chat" => new(HttpMethod.Post, "/api/chat/uploadAliyun") { Content = Form([], "img", Small) },
        "chat-100" => new(HttpMethod.Post, "/api/chat/uploadAliyun") { Content = Form([], "img", Usual) },
        "gateway" => new(HttpMethod.Post, "/oss/gateway") { Content = Form(Fields(policy, number), "file", Small) },
        _ => throw new ArgumentException($"Nothing is called {what}.", nameof(what)),
    };

    private static async Task<JsonElement> PolicyAsync(HttpClient client)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync("/oss/policy?via=gateway"));
        return document.RootElement.GetProperty("data").Clone();
    }

    private static IEnumerable<(string Name, string Value)> Fields(JsonElement policy, int number) =>
    [
        ("key", string.Create(CultureInfo.InvariantCulture, $"{policy.GetProperty("dir").GetString()}{Environment.ProcessId}-{number}.jpg")),
        .. policy.GetProperty("fields").EnumerateObject().Select(field => (field.Name, field.Value.GetString()!)),
    ];

    private static ByteArrayContent Form(IEnumerable<(string Name, string Value)> fields, string name, byte[] file)
    {
        var head = new StringBuilder();
        foreach (var (field, value) in fields)
            head.Append(CultureInfo.InvariantCulture, $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"bench.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n");
        var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(head.ToString()), .. file, .. Encoding.UTF8.GetBytes($"\r\n--{Boundary}--\r\n")]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=" + Boundary);
        return content;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static byte[] Picture(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        byte[] head = [0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10, .. "JFIF"u8, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0x3F, 0];
        head.CopyTo(bytes, 0);
        return bytes;
    }
}
