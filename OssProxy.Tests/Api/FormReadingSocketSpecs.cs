using System.Text;

namespace OssProxy.Tests.Api;

/// <summary>The same grammar where it counts: bytes on a socket, in the packets and chunks that a client may choose.</summary>
public sealed class FormReadingSocketSpecs : ApiSpecs
{
    private const string Head = "POST /api/chat/uploadAliyun HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n";
    private const string Open = "--b\r\nContent-Disposition: form-data; name=\"img\"; filename=\"a.txt\"\r\n\r\n";

    /// <summary>Forms, the start of the answer, and what it holds.</summary>
    public static TheoryData<string, string, string> Forms => new()
    {
        { Open + "hello\r\n--b--\r\n", "HTTP/1.1 200", "\"size\":5," },
        { Open + "hello\r\n-\r\n--\r\n--a\r\n\r\n--b--", "HTTP/1.1 200", "\"size\":19," },
        { "preamble\r\n" + Open + "hello\r\n--b-- \t\r\nepilogue\r\n--b\r\n", "HTTP/1.1 200", "\"size\":5," },
        { Open.Replace("a.txt", "\u00E5\u009B\u00BE.txt", StringComparison.Ordinal) + "hello\r\n--b--\r\n", "HTTP/1.1 200", "图.txt" },
        { Open + "hello\r\n--b", "HTTP/1.1 400", "FormMalformed" },
        { Open + "hello\n--b--\n", "HTTP/1.1 400", "FormMalformed" },
        { Open + "hello\r\n--b\r\n\r\n\r\n--b--\r\n", "HTTP/1.1 400", "FormMalformed" },
        { "", "HTTP/1.1 400", "FormMalformed" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_form_is_the_same_however_it_is_sent(string form, string status, string holds)
    {
        var bytes = Encoding.Latin1.GetBytes(form);
        var chunks = string.Concat(form.Select(one => $"1\r\n{one}\r\n")) + "0\r\n\r\n";
        var length = Encoding.Latin1.GetBytes($"{Head}Content-Length: {bytes.Length}\r\n\r\n");
        var next = Encoding.Latin1.GetBytes("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        await ShouldAsync([[.. length, .. bytes, .. next]]);
        await ShouldAsync([length, .. bytes.Select(one => new[] { one }), next]);
        await ShouldAsync([[.. Encoding.Latin1.GetBytes($"{Head}Transfer-Encoding: chunked\r\n\r\n{chunks}"), .. next]]);

        // The answer to the request behind it, on the same connection, shows that the form was taken to its end and not a byte further.
        async Task ShouldAsync(byte[][] packets)
        {
            using var connection = await Server.ConnectAsync();
            foreach (var packet in packets)
                await connection.SendAsync(packet);

            var heard = await connection.ReadToEndAsync();
            heard.Should().StartWith(status).And.Contain(holds);
            heard.Split("HTTP/1.1 ").Should().HaveCount(3).And.Subject.Last().Should().StartWith("200");
        }
    }
}
