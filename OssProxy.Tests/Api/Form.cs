using System.Net.Http.Headers;
using System.Text;

namespace OssProxy.Tests.Api;

/// <summary>A form, byte for byte as clients write it: names quoted, boundary bare.</summary>
internal sealed class Form
{
    public const string Boundary = "----WebKitFormBoundaryx7Yz";

    private readonly MemoryStream _bytes = new();

    public Form Field(string name, string value)
    {
        Write($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        return this;
    }

    public Form File(string field, string? fileName, ReadOnlySpan<byte> content, string type = "application/octet-stream")
    {
        Write($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{fileName}\"\r\nContent-Type: {type}\r\n\r\n");
        _bytes.Write(content);
        Write("\r\n");
        return this;
    }

    public byte[] ToBytes() => [.. _bytes.ToArray(), .. Encoding.ASCII.GetBytes($"--{Boundary}--\r\n")];

    public ByteArrayContent ToContent()
    {
        var content = new ByteArrayContent(ToBytes());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=" + Boundary);
        return content;
    }

    /// <summary>The head of a request that carries <paramref name="length"/> bytes of a form.</summary>
    public static string Head(string path, long length, string more = "") =>
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary={Boundary}\r\nContent-Length: {length}\r\n{more}\r\n";

    private void Write(string text) => _bytes.Write(Encoding.UTF8.GetBytes(text));
}
