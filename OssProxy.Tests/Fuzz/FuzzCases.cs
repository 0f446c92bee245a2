using System.Globalization;
using System.Text;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Fuzz;

/// <summary>The cases of a seed: any of them can be made again by its number alone.</summary>
internal sealed class FuzzCases(int seed)
{
    private const string Chat = "POST /api/chat/uploadAliyun HTTP/1.1\r\nHost: localhost\r\n";
    private const string ChatByDisk = "POST /api/chat/uploadAliyun?mode=temp HTTP/1.1\r\nHost: localhost\r\n";
    private const string Admin = "POST /admin/image/upload HTTP/1.1\r\nHost: localhost\r\ntoken: " + ApiServer.AdminKey + "\r\n";
    private const string Type = "Content-Type: multipart/form-data; boundary=" + Form.Boundary + "\r\n";

    private static readonly string[] Types =
    [
        "", Type + Type, Type.Replace("boundary=", "boundary=\"", StringComparison.Ordinal), Type.Replace("=" + Form.Boundary, "=", StringComparison.Ordinal),
        Type[..^3] + "\r\n", Type[..^2] + "x\r\n", Type[..^2] + "; boundary=b\r\n", Type[..^2] + "\0\r\n", Type[..^2] + "; charset=gbk\r\n",
        Type[..^2] + new string(';', 3000) + "\r\n", Type[..^2] + string.Concat(Enumerable.Repeat("; a=\"\\\"\"", 500)) + "\r\n",
        "Content-Type: application/json\r\n", "Content-Type: multipart/form-data\r\n", Type + "Content-Encoding: gzip\r\n", Type + "X-Request-Id: \u00FF\r\n",
        Type + "Expect: 100-continue\r\n", Type + "Expect: 200-ok\r\n", Type + "Connection: close\r\n",
    ];

    public FuzzCase At(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var made = random.Next(10) switch
        {
            < 5 => Framed(random, 1),
            5 => Framed(random, random.Next(2, 5)),
            6 => new FuzzCase(Lying(random), [], FuzzEnding.Closes, 0),
            7 => new FuzzCase(FuzzChunks.Spoilt(Start(random) + Head(random), Body(random), random), [], FuzzEnding.Closes, 0),
            8 => new FuzzCase(FuzzBytes.Spoilt(One(random), random), [], FuzzEnding.Closes, 0),
            _ => new FuzzCase([.. One(random), .. FuzzBytes.Spoilt(One(random), random)], [], FuzzEnding.Closes, 0),
        };

        // Now and then the client leaves before it has sent all, without a word or with one.
        if (random.Next(12) == 0)
            made = made with { Bytes = made.Bytes[..random.Next(made.Bytes.Length)], Ending = random.Next(2) == 0 ? FuzzEnding.Vanishes : FuzzEnding.Closes };

        return made with { Pieces = PiecesFor(made.Bytes.Length, random) };
    }

    private static FuzzCase Framed(Random random, int requests) =>
        new([.. Enumerable.Range(0, requests).SelectMany(_ => One(random))], [], FuzzEnding.Waits, requests);

    private static byte[] One(Random random)
    {
        var body = Body(random);
        var head = Start(random) + Head(random);
        return random.Next(3) == 0
            ? FuzzChunks.Good(head, body, random)
            : [.. Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head}Content-Length: {body.Length}\r\n\r\n")), .. body];
    }

    private static byte[] Lying(Random random)
    {
        var body = Body(random);
        var lie = random.Next(9) switch
        {
            0 => $"Content-Length: {body.Length + random.Next(1, 1000)}\r\n",
            1 => $"Content-Length: {random.Next(body.Length + 1)}\r\n",
            2 => "Content-Length: -1\r\n",
            3 => $"Content-Length: 0x{body.Length:x}\r\n",
            4 => $"Content-Length: +{body.Length}\r\n",
            5 => $"Content-Length: {body.Length}\r\nContent-Length: {random.Next(body.Length + 1)}\r\n",
            6 => $"Content-Length: {body.Length}\r\nTransfer-Encoding: chunked\r\n",
            7 => $"Content-Length: {long.MaxValue}\r\n",
            _ => "",
        };
        return [.. Encoding.Latin1.GetBytes($"{Start(random)}{Head(random)}{lie}\r\n"), .. body];
    }

    private static string Start(Random random) => random.Next(4) switch { 0 => ChatByDisk, 1 => Admin, _ => Chat };

    private static string Head(Random random) => random.Next(6) == 0 ? Types[random.Next(Types.Length)] : Type;

    // One in eight stays good: the rest of the run must not hurt it.
    private static byte[] Body(Random random) =>
        random.Next(8) == 0 ? FuzzBytes.Any(random) : FuzzBytes.Spoilt(FuzzBytes.Any(random), random);

    // Mostly large: a packet for each byte costs more than all that the server does with it.
    private static int[] PiecesFor(int length, Random random) => random.Next(5) switch
    {
        0 => [random.Next(Math.Max(1, length / 50), Math.Max(2, length / 3))],
        1 => [.. Enumerable.Range(0, 4).Select(_ => random.Next(1, Math.Max(2, length / 4)) + (length / 40))],
        _ => [Math.Max(1, length)],
    };
}
