using Microsoft.Extensions.Options;
using OssProxy.Api.Hosting;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Uploads;

/// <summary>
/// The uploads that are open in this process: at most <see cref="UploadOptions.MaxOpen"/> over all doors, and no new one once a stop has
/// begun. An upload holds a place from before its body is asked for until it has ended, however it ends. Who finds none does not wait: a
/// client that waits holds a connection, and the cap is there to bound what is held.
/// </summary>
public sealed partial class OpenUploads : IDisposable
{
    // An attacker decides how often uploads are refused, and must not decide how much is written.
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly UploadDrain _drain;
    private readonly TimeProvider _time;
    private readonly ILogger<OpenUploads> _log;
    private readonly int _most;
    private readonly CancellationTokenRegistration _expiry;
    private int _count;
    private long? _warned;

    public OpenUploads(UploadDrain drain, IOptions<UploadOptions> options, TimeProvider time, ILogger<OpenUploads> log)
    {
        _drain = drain;
        _time = time;
        _log = log;
        _most = options.Value.MaxOpen;
        _expiry = drain.Expired.Register(() =>
        {
            if (Count > 0)
                LogEnded();
        });
    }

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Refuses whom <see cref="Enter"/> would refuse now, and takes nothing: for what has to be done before a place is taken and is
    /// not worth doing for nothing.</summary>
    /// <exception cref="UploadException">As there.</exception>
    public void RequireRoom() => Require(places: 0);

    /// <summary>Takes a place; disposing it gives it back. To be called before anything reads the body.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.ServerStopping"/>, <see cref="UploadError.TooManyUploads"/>.</exception>
    public IDisposable Enter()
    {
        Require(places: 1);
        return new Place(this);
    }

    public void Dispose() => _expiry.Dispose();

    private void Require(int places)
    {
        if (_drain.IsStopping)
            throw new UploadException(UploadError.ServerStopping, "The server stops.");

        bool full, warn = false;
        lock (_gate)
        {
            full = _count == _most;
            if (!full)
                _count += places;
            else if (_warned is null || _time.GetElapsedTime(_warned.Value) >= BetweenWarnings)
                (_warned, warn) = (_time.GetTimestamp(), true);
        }

        if (warn)
            LogFull(_most);
        if (full)
            throw new UploadException(UploadError.TooManyUploads, $"{_most} uploads are open.");
    }

    private void Leave()
    {
        lock (_gate)
            _count--;
    }

    private sealed class Place(OpenUploads uploads) : IDisposable
    {
        private OpenUploads? _uploads = uploads;

        public void Dispose() => Interlocked.Exchange(ref _uploads, null)?.Leave();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Most} uploads are open, new ones are refused (Uploads:MaxOpen); told once a minute")]
    private partial void LogFull(int most);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The stop has waited long enough (Server:DrainTimeout): the uploads that are still open are ended")]
    private partial void LogEnded();
}
