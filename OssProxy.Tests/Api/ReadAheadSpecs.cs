using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Streams;

namespace OssProxy.Tests.Api;

/// <summary>What is received of a client ahead of whoever reads it, beside the budget of all buffers.</summary>
public sealed class ReadAheadSpecs : ApiSpecs
{
    private const int FileBytes = 8_000_000;

    // What the kernel holds for both ends of such a connection, with room for one that gives more: 290,000 to 370,000 bytes were sent in all
    // where this was measured. Kestrel by itself would take a megabyte in addition.
    private const int MostInKernel = 600 * 1024;
    private const int MostReadAhead = 128 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Stillness = TimeSpan.FromMilliseconds(500);

    protected override (string, string)[] Settings => [("Uploads:BufferBytes", "8388608")];

    [Fact]
    public async Task A_client_that_sends_while_nothing_goes_to_the_store_is_held_back_and_goes_on_later()
    {
        var budget = Server.Services.GetRequiredService<BufferBudget>();
        var blocks = new List<BufferBlock>();
        while (budget.HeldBytes < budget.TotalBytes)
            blocks.Add(await budget.RentAsync(CancellationToken.None));
        var form = new Form().File("img", "a.jpg", Samples.PhotoOf(FileBytes)).ToBytes();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 64 * 1024 };
        await socket.ConnectAsync(IPAddress.Loopback, Server.Address.Port);
        using var client = new RawConnection(socket);
        await client.SendAsync(Form.Head("/api/chat/uploadAliyun?mode=stream", form.Length));

        var sent = await SendUntilStuckAsync(socket, form);

        sent.Should().BeInRange(MostReadAhead / 2, MostInKernel + MostReadAhead);
        budget.Waiting.Should().Be(1, "it is room that the upload waits for");
        blocks.ForEach(block => block.Dispose());
        await client.SendAsync(form.AsMemory(sent));
        (await client.ReadUntilAsync("}")).Should().StartWith("HTTP/1.1 200");
    }

    // Without blocking, so that what the kernel has taken is known to the byte.
    private static async Task<int> SendUntilStuckAsync(Socket socket, byte[] bytes)
    {
        socket.Blocking = false;
        using var deadline = new CancellationTokenSource(Deadline);
        using var looks = new PeriodicTimer(Stillness);
        var sent = 0;
        for (var before = -1; before < sent && sent < bytes.Length; await looks.WaitForNextTickAsync(deadline.Token))
        {
            before = sent;
            while (sent < bytes.Length && socket.Send(bytes.AsSpan(sent), SocketFlags.None, out var refusal) is > 0 and var taken && refusal == SocketError.Success)
                sent += taken;
        }

        return sent;
    }
}
