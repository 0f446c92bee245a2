using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OssProxy.Emulator.Callbacks;

/// <summary>What came of a call: the receiver's JSON, or why there is none.</summary>
internal sealed record CallbackOutcome(byte[]? Json, string Failure);

/// <summary>One call as it is about to be made: to each target in order, until one answers as it should.</summary>
internal sealed record CallbackCall
{
    private const string NoConnection = "Error Status : -1.OSS can not connect to your callbackUrl, please check it.";

    public required CallbackOrder Order { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>Where the receiver finds the key.</summary>
    public required string KeyUrl { get; init; }

    /// <summary>Headers that say whose upload it was.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>From the text to sign to the signature.</summary>
    public required Func<byte[], string> Sign { get; init; }

    public static byte[] StringToSign(CallbackTarget target, byte[] body) => [.. Encoding.UTF8.GetBytes(target.SignedPath + "\n"), .. body];

    public async Task<CallbackOutcome> MakeAsync(EmulatorOptions options, CancellationToken stopping)
    {
        var outcome = new CallbackOutcome(null, NoConnection);
        foreach (var target in Order.Targets)
        {
            outcome = await AttemptAsync(target, options, stopping);
            if (outcome.Json is not null)
                break;
        }

        return outcome;
    }

    private async Task<CallbackOutcome> AttemptAsync(CallbackTarget target, EmulatorOptions options, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(options.Limits.CallbackTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        var forbidden = false;
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            SslOptions =
            {
                TargetHost = Order is { SendsHostAsServerName: true, Host: { } name } ? name : target.Url.Host,

                // The documentation knows of no check of certificates, and a developer's server has one of its own making.
#pragma warning disable CA5359
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
            },
            ConnectCallback = async (context, cancellationToken) =>
            {
                var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, AddressFamily.InterNetwork, cancellationToken);
                forbidden = !options.AllowPrivateCallbacks && Array.Exists(addresses, PrivateAddress.Is);
                return forbidden ? throw new SocketException((int)SocketError.AccessDenied) : await ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            },
        };
        using var client = new HttpMessageInvoker(handler);
        using var request = Request(target, options.TimeProvider.GetUtcNow());
        try
        {
            using var response = await client.SendAsync(request, either.Token);
            return await ReadAsync(response, options.Limits.MaxCallbackAnswerBytes, either.Token);
        }
        catch (OperationCanceledException)
        {
            return new(null, "Cost too long time.");
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new(null, forbidden ? "Private address is forbidden to callback." : NoConnection);
        }
    }

    private static async ValueTask<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private HttpRequestMessage Request(CallbackTarget target, DateTimeOffset now)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, target.Url) { Content = new ByteArrayContent(Body) };
        request.Headers.Host = Order.Host;
        request.Headers.ConnectionClose = true;
        request.Headers.Date = now;
        request.Headers.TryAddWithoutValidation("User-Agent", "aliyun-oss-callback");

        // No scheme word before the signature.
        request.Headers.TryAddWithoutValidation("Authorization", Sign(StringToSign(target, Body)));
        request.Headers.TryAddWithoutValidation("x-oss-pub-key-url", Convert.ToBase64String(Encoding.UTF8.GetBytes(KeyUrl)));
        request.Headers.TryAddWithoutValidation("x-oss-signature-version", "1.0");
        request.Headers.TryAddWithoutValidation("x-oss-tag", "CALLBACK");
        foreach (var (name, value) in Headers)
            request.Headers.TryAddWithoutValidation(name, value);

        request.Content.Headers.ContentMD5 = MD5.HashData(Body);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", Order.BodyType);
        return request;
    }

    private static async Task<CallbackOutcome> ReadAsync(HttpResponseMessage response, int maximum, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
            return new(null, string.Create(CultureInfo.InvariantCulture, $"Error status : {(int)response.StatusCode}."));

        if (response.Content.Headers.ContentLength is not { } length)
            return new(null, "Error Status : 400.User server missing content-length.");

        if (length > maximum)
            return new(null, "Response body is too large.");

        var json = new byte[length];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await body.ReadExactlyAsync(json, cancellationToken);
        try
        {
            // A byte order mark is no JSON to this parser either.
            using var parsed = JsonDocument.Parse(json);
            return new(json, "");
        }
        catch (JsonException)
        {
            return new(null, "Response body is not valid json format.");
        }
    }
}
