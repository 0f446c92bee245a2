using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Health;

/// <summary>Whether an upload could succeed now: the store answers under our credentials, and the database can be written.</summary>
public sealed class ReadinessProbe(ObjectStores stores, IRecordsProbe records, IOptions<UploadOptions> uploads, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    // A probe that anybody may call must not become a load on what it probes.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    // Below the prefix of the uploads, because a careful operator grants no more.
    private readonly ObjectKey _absent = ObjectKey.Parse(UploadFolder.ParsePrefix(uploads.Value.Prefix) + "/.ossproxy-ready");
    private readonly SemaphoreSlim _one = new(1);
    private (long At, Readiness Answer)? _last;

    /// <summary>The state, at most a second old. Never throws for what it probes; takes at most six seconds.</summary>
    public async Task<Readiness> AskAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && time.GetElapsedTime(last.At) < Fresh)
                return last.Answer;

            var answer = new Readiness(
                await TryAsync(token => stores.Main.Store.HeadAsync(_absent, token), cancellationToken),
                await TryAsync(async token =>
                {
                    await records.CheckAsync(token);
                    return true;
                }, cancellationToken));
            _last = (time.GetTimestamp(), answer);
            return answer;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<string> TryAsync<T>(Func<CancellationToken, Task<T>> probe, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // A write that has begun does not listen to its token.
            await probe(either.Token).WaitAsync(either.Token);
            return Readiness.Ok;
        }
        catch (StoreException failure) when (failure.InnerException is OssException { Code: "AccessDenied" })
        {
            // Who may not list is told 403 instead of 404 for an absent key (OSS API reference: GetObject): signed and answered is enough.
            return Readiness.Ok;
        }
        catch (StoreException failure)
        {
            return failure.Error.ToString();
        }
        catch (RecordsException failure)
        {
            return failure.Error.ToString();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "TimedOut";
        }
    }
}

/// <summary>Each part's state: <c>ok</c>, or the code of what is wrong with it.</summary>
public sealed record Readiness(string Store, string Records)
{
    public const string Ok = "ok";

    [JsonIgnore]
    public bool IsReady => Store == Ok && Records == Ok;
}
