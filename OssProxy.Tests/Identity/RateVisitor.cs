using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Identity;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>Somebody who comes to the chat door again and again.</summary>
/// <param name="Header">What makes them known, as a header line; empty for a guest without a device.</param>
internal sealed record RateVisitor(string Header)
{
    public const string Door = "/api/chat/uploadAliyun";

    private static readonly byte[] Body = new Form().File("img", "a.jpg", Samples.Photo).ToBytes();

    /// <summary>A program with an API key of its own.</summary>
    public static async Task<RateVisitor> MachineAsync(ApiServer server)
    {
        var keys = server.Services.GetRequiredService<ApiKeys>();
        var (_, token) = await keys.CreateAsync("machine", [KeyRight.Upload], [], CancellationToken.None);
        return new RateVisitor($"token: {token.Reveal()}\r\n");
    }

    /// <summary>A guest whose device has named itself.</summary>
    public static RateVisitor Guest(string device) => new($"x-device-id: {device}\r\n");

    /// <summary>Sends a photo and returns the status.</summary>
    public async Task<HttpStatusCode> UploadAsync(ApiServer server, string door = Door)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, door) { Content = new Form().File("img", "a.jpg", Samples.Photo).ToContent() };
        if (Header.Length > 0)
            request.Headers.Add(Header.Split(": ")[0], Header.Split(": ")[1].TrimEnd());
        using var response = await server.Client.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>Announces a photo and waits for the server's word: to send it, or not to.</summary>
    public async Task<(RawConnection Connection, string Word)> AnnounceAsync(ApiServer server, string door = Door)
    {
        var connection = await server.ConnectAsync();
        await connection.SendAsync(Form.Head(door, Body.Length, Header + "Expect: 100-continue\r\n"));
        var word = await connection.ReadUntilAsync("\r\n\r\n");
        var isWhole = word.StartsWith("HTTP/1.1 100", StringComparison.Ordinal) || word.Contains('}', StringComparison.Ordinal);
        return (connection, isWhole ? word : word + await connection.ReadUntilAsync("}"));
    }

    /// <summary>Sends what was announced.</summary>
    public static async Task<string> SendAsync(RawConnection connection)
    {
        await connection.SendAsync(Body);
        return await connection.ReadUntilAsync("}");
    }

    /// <summary>Is turned away with this error before its body is asked for, and told to come back after so many seconds.</summary>
    public async Task ShouldBeRefusedAsync(ApiServer server, string code, int most, string door = Door)
    {
        var (connection, word) = await AnnounceAsync(server, door);
        using (connection)
        {
            word.Should().StartWith("HTTP/1.1 429").And.Contain($"\"errorCode\":\"{code}\"").And.NotContain("100 Continue");
            RetryAfter(word).Should().BeInRange(1, most);
        }
    }

    private static int RetryAfter(string answer) => int.Parse(
        Regex.Match(answer, "Retry-After: (?<wait>[0-9]+)\r\n", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["wait"].ValueSpan, CultureInfo.InvariantCulture);
}
