using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using OssProxy.Api.Forms;
using OssProxy.Core.Streams;

namespace OssProxy.Benchmarks;

/// <summary>Getting one file out of a form that is already in memory. The yardstick reads the same bytes without looking at them; the
/// framework's reader runs with the buffer that it has when nobody says otherwise.</summary>
[MemoryDiagnoser]
public class FormReadingBenchmarks
{
    private const string Boundary = "----WebKitFormBoundaryx7YzA0b1C2d3E4f5";
    private static readonly ClientPatience Patience =
        new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), MinBytesPerSecond: 240, Total: TimeSpan.FromHours(1));

    private readonly DefaultHttpContext _context = new();
    private readonly byte[] _target = new byte[64 * 1024];
    private byte[] _form = [];

    /// <summary>A photo from a phone's gallery, compressed by the client, and a video.</summary>
    [Params(100 * 1024, 16 * 1024 * 1024)]
    public int FileBytes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var file = new byte[FileBytes];
        new Random(20260105).NextBytes(file);
        _form =
        [
            .. Encoding.ASCII.GetBytes(
                $"--{Boundary}\r\nContent-Disposition: form-data; name=\"imageClassId\"\r\n\r\n7\r\n"
                + $"--{Boundary}\r\nContent-Disposition: form-data; name=\"img\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"),
            .. file,
            .. Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n"),
        ];
        _context.Request.ContentType = "multipart/form-data; boundary=" + Boundary;
    }

    [Benchmark(Baseline = true)]
    public Task<long> PlainCopy() => DrainAsync(new RequestBody(_form));

    [Benchmark]
    public async Task<long> Form()
    {
        _context.Request.Body = new RequestBody(_form);
        using var form = new UploadForm(_context, Patience, letInAt: 0, TimeProvider.System);
        long length = 0;
        while (await form.NextFileAsync(CancellationToken.None) is { } file)
            length += await DrainAsync(file.Body);

        return length;
    }

    [Benchmark]
    public async Task<long> FrameworkDefault()
    {
        var reader = new MultipartReader(Boundary, new RequestBody(_form));
        long length = 0;
        while (await reader.ReadNextSectionAsync() is { } section)
            length += await DrainAsync(section.Body);

        return length;
    }

    private async Task<long> DrainAsync(Stream body)
    {
        long length = 0;
        int read;
        while ((read = await body.ReadAsync(_target)) > 0)
            length += read;

        return length;
    }

    // As a server hands it over: forward only, and as much at once as is asked for.
    private sealed class RequestBody(ReadOnlyMemory<byte> rest) : ReadOnlyStream
    {
        private ReadOnlyMemory<byte> _rest = rest;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return ValueTask.FromResult(count);
        }
    }
}
