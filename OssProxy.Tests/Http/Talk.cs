using System.Text;
using OssProxy.Core.Http;

namespace OssProxy.Tests.Http;

/// <summary>What the specs of this room say over and over.</summary>
internal static class Talk
{
    public const string Get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

    public static RequestHead Head(string method = "GET") => new(method, "/a", "h");

    /// <param name="length">Bytes; null for chunks.</param>
    public static RequestHead Put(long? length)
    {
        var head = Head("PUT");
        head.AddBody(length);
        return head;
    }

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static Task<Exchange> BeginAsync(ConnectionPool pool, RequestHead? request = null, CancellationToken cancellationToken = default) =>
        Exchange.BeginAsync(pool, request ?? Head(), cancellationToken).WaitAsync(FarEnd.Deadline, CancellationToken.None);

    /// <summary>A request without a body, sent.</summary>
    public static async Task<Exchange> AskAsync(ConnectionPool pool, string method = "GET")
    {
        var exchange = await BeginAsync(pool, Head(method));
        await exchange.EndAsync();
        return exchange;
    }

    public static Task<ResponseHead> HearAsync(this Exchange exchange) => exchange.AnswerAsync().WaitAsync(FarEnd.Deadline);

    /// <summary>The rest of the answer's body.</summary>
    public static async Task<string> ReadAsync(this Exchange exchange, int atOnce = 1000)
    {
        var body = new StringBuilder();
        var buffer = new byte[atOnce];
        while (await exchange.ReadAsync(buffer.AsMemory()).AsTask().WaitAsync(FarEnd.Deadline) is > 0 and var read)
            body.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return body.ToString();
    }

    /// <summary>Whether the next request goes over a connection that was there.</summary>
    public static async Task<bool> ReusesAsync(this ConnectionPool pool, FarEnd far)
    {
        using var next = await BeginAsync(pool);
        return !far.HasCaller;
    }
}
