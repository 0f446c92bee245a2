using System.Net;
using System.Net.Sockets;

namespace OssProxy.Tests.Fuzz;

/// <summary>Sends a case over a connection of its own and hears what is said to it.</summary>
internal static class FuzzClient
{
    // Far more than any exchange takes, and more than the server's own idle time-out: what is not over by then hangs.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <exception cref="TimeoutException">It is not over in time.</exception>
    public static async Task<FuzzAnswers> ExchangeAsync(Uri server, FuzzCase sent)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var answers = new FuzzAnswers();
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port, deadline.Token);

            // At once: a server that has refused and closes while bytes are still coming would take its answer back.
            var listening = ListenAsync(socket, sent, answers, deadline.Token);
            await SendAsync(socket, sent, deadline.Token);
            if (sent.Ending != FuzzEnding.Vanishes)
                await listening;

            // With RST, so that no port is kept waiting; for who vanishes, that is the point.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
            await listening;
            return answers;
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"Not over after {Deadline.TotalSeconds} s; heard so far: {answers.Text}", late);
        }
    }

    private static async Task SendAsync(Socket socket, FuzzCase sent, CancellationToken cancellationToken)
    {
        try
        {
            for (int at = 0, piece = 0; at < sent.Bytes.Length; piece++)
            {
                var size = Math.Min(sent.Pieces[piece % sent.Pieces.Length], sent.Bytes.Length - at);
                at += await socket.SendAsync(sent.Bytes.AsMemory(at, size), cancellationToken);
            }

            if (sent.Ending == FuzzEnding.Closes)
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Refused in the middle: what was said is in the answers.
        }
    }

    private static async Task ListenAsync(Socket socket, FuzzCase sent, FuzzAnswers answers, CancellationToken cancellationToken)
    {
        var buffer = new byte[8 * 1024];
        try
        {
            while (sent.Ending != FuzzEnding.Waits || answers.Statuses.Count < sent.Answers)
            {
                var read = await socket.ReceiveAsync(buffer, cancellationToken);
                if (read == 0)
                    return;
                answers.Add(buffer.AsSpan(0, read));
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // A reset ends the answers too, theirs or ours.
        }
    }
}
