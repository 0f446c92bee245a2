using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Operations;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Callbacks;

/// <summary>
/// Calls the uploader's server once its object is stored and makes its answer the answer of the upload; the
/// uploader's leaving changes nothing. A rule may lose, delay, repeat or forge the call.
/// </summary>
/// <param name="keyUrl">Known only when the server listens.</param>
internal sealed class UploadCallbacks(EmulatorOptions options, BucketStore store, CallbackKey key, Func<Uri> keyUrl) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _detached = [];

    /// <summary>Null when nobody is to be called.</summary>
    /// <exception cref="OssException">400 for an order that cannot be followed; to be asked before the upload.</exception>
    public CallbackOrder? Ordered(OssRequest request) => CallbackOrder.Of(request, options);

    /// <summary>The reply to an upload that ordered a call.</summary>
    /// <param name="success">What the uploader would be told without one; its ETag and checksums stay.</param>
    public async Task<OssReply> AnswerAsync(CallbackOrder? order, OssRequest request, OssOperation operation, StoredObject stored, OssReply success)
    {
        if (order is null)
            return success;

        var fault = request.Fault?.Callback;
        var call = new CallbackCall
        {
            Order = order,
            Body = CallbackBody.Fill(order, request, operation.ToString(), stored, await ImageAsync(order, request)),
            KeyUrl = fault?.KeyUrl ?? keyUrl().AbsoluteUri,
            Headers = new Dictionary<string, string>
            {
                ["x-oss-bucket"] = request.Bucket,
                ["x-oss-requester"] = Owner.Account,
                ["x-oss-request-id"] = request.RequestId,
            },

            // A signature of the right length over another text.
            Sign = fault?.ForgeSignature == true ? text => key.Sign([.. text, 0]) : key.Sign,
        };
        if (fault is null || fault is { Lose: false, Uploader: UploaderHears.Receiver })
            return Told(success, request, await MakeAsync(call, fault));

        if (!fault.Lose)
            Detach(MakeAsync(call, fault));

        return fault.Uploader == UploaderHears.Failure ? Told(success, request, new(null, "Cost too long time.")) : success;
    }

    /// <summary>Calls that nobody waits for are given up.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task[] detached;
        lock (_gate)
            detached = [.. _detached];

        await Task.WhenAll(detached);

        // The source stays: a request that outlived the server may still look at its token.
        key.Dispose();
    }

    private async Task<CallbackOutcome> MakeAsync(CallbackCall call, CallbackFault? fault)
    {
        var delay = fault?.Delay ?? TimeSpan.Zero;
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, options.TimeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var first = await call.MakeAsync(options, _stopping.Token);
        for (var repeated = 1; repeated < fault?.Times && !_stopping.IsCancellationRequested; repeated++)
            await call.MakeAsync(options, _stopping.Token);

        return first;
    }

    private void Detach(Task call)
    {
        lock (_gate)
        {
            _detached.RemoveAll(done => done.IsCompleted);
            _detached.Add(call);
        }
    }

    private async Task<ImageHeader?> ImageAsync(CallbackOrder order, OssRequest request)
    {
        if (!CallbackBody.WantsImage(order.Body) || store.Get(request.Bucket).Open(request.Key) is not { } opened)
            return null;

        await using (opened)
            return await ImageHeader.ReadAsync(opened.Bytes, _stopping.Token);
    }

    private static OssReply Told(OssReply success, OssRequest request, CallbackOutcome outcome)
    {
        var reply = outcome.Json is { } json
            ? OssReply.Plain(200, json, "application/json", errorCode: null)
            : OssReply.Error(CallbackErrors.Failed(outcome.Failure), request.RequestId, request.Address.HostId, head: false);
        foreach (var name in new[] { "ETag", "Content-MD5", "x-oss-hash-crc64ecma" })
        {
            if (success.Headers.TryGetValue(name, out var value))
                reply.Headers[name] = value;
        }

        return reply;
    }
}
