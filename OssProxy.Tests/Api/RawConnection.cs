using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OssProxy.Tests.Api;

/// <summary>A socket and its bytes; every wait has a deadline.</summary>
internal sealed class RawConnection(Socket socket) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, deadline.Token)..];
    }

    /// <summary>Says "no more" and stays to listen.</summary>
    public void HalfClose() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Leaves as a crashed client does, with RST.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    }

    /// <summary>Everything the server says until it closes.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var all = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer, deadline.Token)) > 0)
                all.Write(buffer, 0, read);
        }
        catch (SocketException)
        {
            // A reset ends the answer too.
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    /// <summary>One answer of the server's, with as many bytes of body as it announces: none where it only tells to continue, or announces
    /// nothing.</summary>
    public async Task<string> ReadAnswerAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var all = new MemoryStream();
        var one = new byte[1];
        var missing = -1;
        while (missing != 0 && await socket.ReceiveAsync(one, deadline.Token) > 0)
        {
            all.Write(one);
            missing--;
            if (missing < 0 && Encoding.UTF8.GetString(all.ToArray()) is var head && head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                missing = LengthIn(head);
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    /// <summary>What the server says until the text holds <paramref name="mark"/>.</summary>
    public async Task<string> ReadUntilAsync(string mark)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var all = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, deadline.Token);
            all.Write(buffer, 0, read);
            var text = Encoding.UTF8.GetString(all.ToArray());
            if (read == 0 || text.Contains(mark, StringComparison.Ordinal))
                return text;
        }
    }

    /// <summary>Whether the server has read all that was sent: nothing waits at its end of the connection. (proc(5), /proc/net/tcp)</summary>
    public bool IsRead()
    {
        var (ours, its) = (Port(socket.LocalEndPoint), Port(socket.RemoteEndPoint));
        return File.ReadLines("/proc/net/tcp").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(line => line[1].EndsWith(its, StringComparison.Ordinal) && line[2].EndsWith(ours, StringComparison.Ordinal)
                && line[4].EndsWith(":00000000", StringComparison.Ordinal));

        static string Port(EndPoint? end) => string.Create(CultureInfo.InvariantCulture, $":{((IPEndPoint)end!).Port:X4}");
    }

    public void Dispose() => socket.Dispose();

    private static int LengthIn(string head) => int.Parse(
        head.Split("\r\n").SingleOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))?["Content-Length: ".Length..] ?? "0",
        CultureInfo.InvariantCulture);
}
