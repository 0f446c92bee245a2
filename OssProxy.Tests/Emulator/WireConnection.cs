using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OssProxy.Tests.Emulator;

/// <summary>One TCP connection; every read and write has a deadline.</summary>
internal sealed class WireConnection(TcpClient client) : IDisposable
{
    private readonly NetworkStream _stream = client.GetStream();

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes, WireClient.Deadline).AsTask();

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Says that nothing more will be sent, and goes on listening.</summary>
    public void EndSending() => client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Tears the connection with RST.</summary>
    public void Abort()
    {
        client.Client.LingerState = new(enable: true, seconds: 0);
        client.Close();
    }

    public async Task<WireReply> ReadReplyAsync(string method)
    {
        var head = await ReadHeadAsync();
        var lines = head.Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = lines.Skip(1).Select(l => l.Split(':', 2)).ToDictionary(p => p[0].ToLowerInvariant(), p => p[1].Trim());
        if (status == 100)
            return await ReadReplyAsync(method);

        byte[] body = method == "HEAD" || status is 204 or 304
            ? []
            : headers.TryGetValue("content-length", out var length)
                ? await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture))
                : await ReadChunksAsync();
        return new(status, headers, body);
    }

    /// <summary>Everything up to the end of the connection.</summary>
    /// <exception cref="IOException">The connection was reset.</exception>
    public async Task<byte[]> ReadToEndAsync()
    {
        var all = new MemoryStream();
        await _stream.CopyToAsync(all, WireClient.Deadline);
        return all.ToArray();
    }

    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            head.Append((char)(await ReadExactlyAsync(1))[0]);

        return head.ToString()[..^4];
    }

    public async Task<byte[]> ReadExactlyAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, WireClient.Deadline);
        return bytes;
    }

    public void Dispose() => client.Dispose();

    private async Task<byte[]> ReadChunksAsync()
    {
        var all = new MemoryStream();
        while (true)
        {
            var line = new StringBuilder();
            while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal))
                line.Append((char)(await ReadExactlyAsync(1))[0]);

            var size = int.Parse(line.ToString().Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            all.Write(await ReadExactlyAsync(size));
            await ReadExactlyAsync(2);
            if (size == 0)
                return all.ToArray();
        }
    }
}
