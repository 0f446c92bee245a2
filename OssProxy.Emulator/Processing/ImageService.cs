using System.Globalization;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Signatures;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Processing;

/// <summary>
/// <c>x-oss-process</c>: nothing is rendered here. Once it is known who asks and that the object is there, the request goes on to a service
/// that does it, with a V1 signature in its address made by the key that the service knows; what the service answers is the answer,
/// refusals included. The service fetches the object from here like anybody else, without <c>x-oss-process</c>.
/// </summary>
internal sealed class ImageService(EmulatorOptions options, BucketStore store, CredentialList credentials) : IDisposable
{
    public const string Parameter = "x-oss-process";

    /// <summary>Marks what has come from here, so that a service which asks back the same thing is noticed.</summary>
    private const string HopHeader = "x-emulator-hop";

    // A value of 2 KiB, every byte of it escaped, and its name.
    private const int MaxBodyBytes = 8 << 10;

    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(5);
    private static readonly string[] AskedWith = ["Accept", "If-None-Match", "If-Modified-Since", "Range"];

    private static readonly string[] AnsweredWith =
    [
        "Content-Type", "Content-Length", "Content-Range", "Content-Disposition", "ETag", "Last-Modified", "Cache-Control", "Vary",
        "Accept-Ranges", "Retry-After", "x-oss-ec", "x-oss-err",
    ];

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
    });

    /// <summary>Asks the service.</summary>
    /// <exception cref="OssException">404 for an object that is not there, 501 without a service, 503 when it cannot be reached or takes
    /// too long.</exception>
    public async Task<OssReply> AskAsync(OssRequest request, CancellationToken cancellationToken)
    {
        if (store.Get(request.Bucket).Find(request.Key) is null)
            throw OssErrors.NoSuchKey(request.Key);
        if (options.ImageServiceUrl.Length == 0)
            throw OssErrors.ResourceNotImplemented(Parameter);
        if (request.Header(HopHeader) is not null)
            throw OssErrors.ImageServiceFailed("The image service asks for what it has been asked for.");

        var body = request.Method == "POST" ? await request.Body.ReadDocumentAsync(MaxBodyBytes, cancellationToken) : null;
        using var message = Message(request, body);
        var deadline = new CancellationTokenSource(options.Limits.ImageServiceTimeout, options.TimeProvider);
        var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await _client.SendAsync(message, either.Token);
            var relayed = new RelayedBody(response, await response.Content.ReadAsStreamAsync(either.Token), either, deadline);
            var reply = new OssReply((int)response.StatusCode) { Relayed = relayed };
            foreach (var name in AnsweredWith)
            {
                if (response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values))
                    reply.Headers[name] = values.ToString();
            }

            return reply;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            response?.Dispose();
            var late = deadline.IsCancellationRequested;
            either.Dispose();
            deadline.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw OssErrors.ImageServiceFailed(late ? "The image service takes too long." : "The image service cannot be reached.");
        }
    }

    public void Dispose() => _client.Dispose();

    private (string Id, string Secret) Signer()
    {
        if (options.ImageServiceAccessKeyId.Trim() is { Length: > 0 } id)
            return (id, options.ImageServiceAccessKeySecret.Trim());
        var own = credentials.Permanent ?? throw OssErrors.ImageServiceFailed("No permanent key may sign here.");
        return (own.AccessKeyId.Trim(), own.AccessKeySecret.Trim());
    }

    private HttpRequestMessage Message(OssRequest request, byte[]? body)
    {
        var process = request.Query.Items.First(item => item.Name == Parameter).Value;
        var query = Parameter + (process is null ? "" : "=" + PercentEncoding.Encode(process));
        var type = body is null ? null : request.Header("Content-Type");
        var expires = (options.TimeProvider.GetUtcNow() + Validity).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var (id, secret) = Signer();
        var text = SignatureV1.StringToSign(
            new(request.Method, request.Bucket, request.Key, QueryParameters.Parse(query), type is null ? [] : [KeyValuePair.Create("Content-Type", type)]),
            expires);
        var signature = PercentEncoding.Encode(SignatureV1.Sign(secret, text));
        var message = new HttpRequestMessage(
            new HttpMethod(request.Method),
            $"{options.ImageServiceUrl.TrimEnd('/')}/{PercentEncoding.Encode(request.Key, keepSlash: true)}?{query}"
                + $"&OSSAccessKeyId={PercentEncoding.Encode(id)}&Expires={expires}&Signature={signature}");
        message.Headers.TryAddWithoutValidation(HopHeader, "1");
        foreach (var name in AskedWith)
        {
            if (request.Header(name) is { } value)
                message.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            message.Content = new ByteArrayContent(body);
            if (type is not null)
                message.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return message;
    }
}

/// <summary>An answer that is passed on as it arrives, within the deadline of its request.</summary>
internal sealed class RelayedBody(HttpResponseMessage response, Stream body, CancellationTokenSource either, CancellationTokenSource deadline)
    : IAsyncDisposable
{
    public Stream Body => body;

    /// <summary>Ends with the deadline.</summary>
    public CancellationToken Patience => either.Token;

    public async ValueTask DisposeAsync()
    {
        await body.DisposeAsync();
        response.Dispose();
        either.Dispose();
        deadline.Dispose();
    }
}
