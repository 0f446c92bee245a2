using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using OssProxy.Emulator.Callbacks;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Operations;
using OssProxy.Emulator.Posts;
using OssProxy.Emulator.Processing;
using OssProxy.Emulator.Signatures;
using OssProxy.Emulator.Storage;
using OssProxy.Emulator.Sts;

namespace OssProxy.Emulator.Http;

/// <summary>
/// The walk of one request: address, operation, faults, signature, rights, work, reply. Everything that refuses throws an
/// <see cref="OssException"/>, which becomes the error document here and nowhere else.
/// </summary>
internal sealed partial class EmulatorApplication : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly EmulatorOptions _options;
    private readonly BucketStore _store;
    private readonly SignatureVerifier _verifier;
    private readonly PostSignatures _postSignatures;
    private readonly CrossOrigin _crossOrigin;
    private readonly OperationTable _operations;
    private readonly StsEndpoint _sts;
    private readonly CallbackKey _callbackKey;
    private readonly UploadCallbacks _callbacks;
    private readonly ImageService _images;
    private readonly ControlEndpoint? _control;
    private readonly ILogger _log;

    /// <param name="address">Where the server listens, once it does.</param>
    public EmulatorApplication(EmulatorOptions options, BucketStore store, CredentialList credentials, RoleList roles, Func<Uri> address, ILogger log)
    {
        (_options, _store, _log) = (options, store, log);
        _verifier = new(credentials, options.Region, options.Limits.MaxClockSkew);
        _postSignatures = new(credentials, options.Region, options.Limits.MaxClockSkew);
        _crossOrigin = new(options.CorsOrigins);
        _callbackKey = new(options.Folder);
        _callbacks = new(options, store, _callbackKey, () => new(address(), CallbackKey.PublicKeyPath));
        _images = new(options, store, credentials);
        _operations = new(store, options, _crossOrigin, _callbacks, _images);
        _sts = new(roles, credentials, options, Faults);
        _control = options.ControlEndpoint ? new(Faults, Requests) : null;
    }

    public FaultRules Faults { get; } = new();

    public RequestLog Requests { get; } = new();

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Nothing hangs on it beyond what Kestrel owns.
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        var rawTarget = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (rawTarget == CallbackKey.PublicKeyPath && context.Request.Method == "GET")
        {
            // Public, and asked for by receivers that know nothing of an emulator: open whatever else is closed.
            context.Response.ContentType = "application/x-pem-file";
            await context.Response.WriteAsync(_callbackKey.PublicPem(), context.RequestAborted);
            return;
        }

        if (_control is not null && ControlEndpoint.Claims(rawTarget))
        {
            await _control.AnswerAsync(context, rawTarget, context.RequestAborted);
            return;
        }

        var isSts = StsRequest.Claims(context.Request, rawTarget, _options);
        var requestId = isSts ? Guid.NewGuid().ToString().ToUpperInvariant() : Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
        var exchange = new Exchange(context, rawTarget, requestId, _options.TimeProvider) { IsSts = isSts };
        var status = 0;
        try
        {
            await using var reply = await AnswerAsync(exchange);
            status = reply.Status;
            await FaultStages.BeforeReplyAsync(exchange.Fault?.Rule, context, _options.TimeProvider, context.RequestAborted);
            Requests.Add(exchange.Entry(reply.Status, reply.ErrorCode));
            exchange.Logged = true;
            await ReplyWriter.WriteAsync(context, reply, exchange.Fault?.Rule, context.RequestAborted);
        }
        catch (ClientGoneException)
        {
            LogClientLeft(exchange.Operation, status);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            LogClientLeft(exchange.Operation, status);
        }
        finally
        {
            if (!exchange.Logged)
                Requests.Add(exchange.Entry(status: 0, errorCode: null));
        }
    }

    private async Task<OssReply> AnswerAsync(Exchange exchange)
    {
        var context = exchange.Context;
        OssReply reply;
        try
        {
            reply = exchange.IsSts ? await _sts.WorkAsync(exchange, context.RequestAborted) : await WorkAsync(exchange, context.RequestAborted);
        }
        catch (OssException error)
        {
            reply = exchange.Refusal(error);
        }
        catch (Exception failure) when (failure is not (ClientGoneException or OperationCanceledException))
        {
            LogWorkFailed(failure, exchange.Operation);
            reply = exchange.Refusal(OssErrors.Internal());
        }

        reply.Headers.Date = ObjectReads.HttpDate(exchange.Now);
        if (exchange.IsSts)
            return reply;

        // Every reply of OSS has these (OSS common response headers).
        reply.Headers.Server = "AliyunOSS";
        reply.Headers["x-oss-request-id"] = exchange.RequestId;
        reply.Headers["x-oss-server-time"] = exchange.ElapsedMilliseconds.ToString(CultureInfo.InvariantCulture);
        _crossOrigin.Permit(context.Request.Headers, reply.Headers);
        return reply;
    }

    private async Task<OssReply> WorkAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        var context = exchange.Context;
        var headers = context.Request.Headers;
        var address = exchange.Address = RequestAddress.Parse(headers.Host.ToString(), exchange.RawTarget, _options);
        OssException? unroutable = null;
        try
        {
            exchange.Operation = OperationRouter.Resolve(context.Request.Method, address, headers.ContainsKey("x-oss-copy-source"));
        }
        catch (OssException error)
        {
            // Who asks is settled before what they asked for: a bad signature must not be told what is built.
            unroutable = error;
        }

        exchange.Fault = Faults.Match(exchange.Operation, address.Bucket, address.Key);
        var body = exchange.Body = new(context, exchange.Fault?.Rule, _options.TimeProvider, _options.Limits.BodyIdleTimeout);
        if (await FaultStages.BeforeWorkAsync(exchange.Fault, context, body, exchange.Refusal, cancellationToken) is { } faulty)
            return faulty;

        EmulatorCredential? signer = null;
        await using var form = exchange.Operation == OssOperation.PostObject
            ? await PostForm.ReadFieldsAsync(headers, body, _options.Limits, cancellationToken)
            : null;
        var fileSize = PostPolicy.AnySize;
        if (form is not null)
        {
            exchange.Address = address with { Key = form["key"] };
            (exchange.Signature, fileSize, signer) = _postSignatures.Verify(form, address.Bucket!, exchange.Now);

            // The policy was about the field as it stands (PostObject reference).
            var key = form["key"]!.Replace("${filename}", form.FileName, StringComparison.Ordinal);
            exchange.Address = address = address with { Key = RequestAddress.ValidKey(key) };
            Authorization.CheckPolicy(signer, exchange.Operation, address.Bucket, address.Key, address.Query);
            Authorization.Check(exchange.Operation, address, exchange.Signature, _store);
        }
        else if (exchange.Operation != OssOperation.OptionObject)
        {
            (exchange.Signature, signer) = _verifier.Verify(
                new(context.Request.Method, address.Bucket, address.Key, address.Query, headers.Select(h => KeyValuePair.Create(h.Key, h.Value.ToString()))),
                exchange.Now);
            if (unroutable is not null)
                throw unroutable;

            Authorization.CheckPolicy(signer, exchange.Operation, address.Bucket, address.Key, address.Query);
            Authorization.Check(exchange.Operation, address, exchange.Signature, _store);
        }

        var request = new OssRequest
        {
            Method = context.Request.Method,
            Address = address,
            Headers = headers,
            Body = body,
            Now = exchange.Now,
            Signature = exchange.Signature,
            Signer = signer,
            RequestId = exchange.RequestId,
            ClientAddress = context.Connection.RemoteIpAddress is { } remote ? (remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote).ToString() : "",
            Fault = exchange.Fault?.Rule,
            Form = form,
            FileSize = fileSize,
        };
        return await _operations.RunAsync(exchange.Operation, request, cancellationToken);
    }

    /// <summary>After the server has stopped: callbacks that nobody waits for are given up.</summary>
    public ValueTask DisposeAsync()
    {
        _images.Dispose();
        return _callbacks.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client left during {Operation} (status {Status})")]
    private partial void LogClientLeft(OssOperation operation, int status);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Operation} failed")]
    private partial void LogWorkFailed(Exception failure, OssOperation operation);
}
