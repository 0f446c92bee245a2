using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OssProxy.Core.Streams;
using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>The first promise: bytes are never held.</summary>
public sealed class MemorySpecs
{
    private const long TwoGiB = 2L * 1024 * 1024 * 1024;
    private const long Allowed = 64L * 1024 * 1024;

    [Fact]
    public async Task Two_gibibytes_pass_through_without_the_process_growing()
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-memory-").FullName;
        await using (var emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(folder, "oss")), CancellationToken.None))
        {
            var settings = ApiServer.Settings(emulator.Address, folder);
            settings["Uploads:MaxFileBytes"] = "3000000000";
            await using var server = await ServerProcess.StartAsync(settings, folder);
            using var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(3) };

            // What every process needs once - compiled code, pools, connections - is not the upload's.
            await UploadAsync(client, 32 * 1024 * 1024);
            server.ForgetPeak();
            var before = server.Resident();

            await UploadAsync(client, TwoGiB);

            (server.Peak() - before).Should().BeLessThan(Allowed);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task UploadAsync(HttpClient client, long length)
    {
        var head = Encoding.ASCII.GetBytes(
            $"--{Form.Boundary}\r\nContent-Disposition: form-data; name=\"img\"; filename=\"big.jpg\"\r\n\r\n");
        var tail = Encoding.ASCII.GetBytes($"\r\n--{Form.Boundary}--\r\n");
        using var content = new StreamContent(new Concatenated(head, length, tail), 256 * 1024);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=" + Form.Boundary);
        content.Headers.ContentLength = head.Length + length + tail.Length;
        using var response = await client.PostAsync(new Uri("/api/chat/uploadAliyun", UriKind.Relative), content);

        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    // A form around a picture that never stops: a real one's bytes, over and over.
    private sealed class Concatenated(byte[] head, long length, byte[] tail) : ReadOnlyStream
    {
        private readonly long _total = head.Length + length + tail.Length;
        private long _position;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var (source, offset) = _position < head.Length ? (head, _position)
                : _position < head.Length + length ? (Samples.Photo, (_position - head.Length) % Samples.Photo.Length)
                : (tail, _position - head.Length - length);
            var end = _position < head.Length ? head.Length : _position < head.Length + length ? head.Length + length : _total;
            var count = (int)Math.Min(Math.Min(buffer.Length, source.Length - offset), end - _position);
            source.AsMemory((int)offset, count).CopyTo(buffer);
            _position += count;
            return ValueTask.FromResult(count);
        }
    }
}
