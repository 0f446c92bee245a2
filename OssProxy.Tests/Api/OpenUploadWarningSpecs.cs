using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Api.Hosting;
using OssProxy.Api.Uploads;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Api;

/// <summary>What the operator hears of a full server, and of a stop that has lost patience.</summary>
public sealed class OpenUploadWarningSpecs : IDisposable
{
    private readonly Clock _clock = new();
    private readonly Lifetime _lifetime = new();
    private readonly LineLog _log = new();
    private readonly UploadDrain _drain;
    private readonly OpenUploads _open;

    public OpenUploadWarningSpecs()
    {
        _drain = new UploadDrain(_lifetime, Options.Create(new ServerOptions { DrainTimeout = TimeSpan.FromSeconds(10) }), _clock);
        _open = new OpenUploads(_drain, Options.Create(new UploadOptions { MaxOpen = 2 }), _clock, _log);
    }

    public void Dispose()
    {
        _open.Dispose();
        _drain.Dispose();
        _lifetime.Dispose();
    }

    [Fact]
    public void A_full_server_is_told_once_a_minute_however_many_are_refused()
    {
        using var first = _open.Enter();
        using var second = _open.Enter();

        for (var i = 0; i < 100; i++)
            Error(_open.Enter).Should().Be(UploadError.TooManyUploads);
        _log.Lines.Should().ContainSingle().Which.Should().Contain("Uploads:MaxOpen").And.Contain("2 uploads");

        _clock.Advance(TimeSpan.FromSeconds(61));
        Error(_open.Enter).Should().Be(UploadError.TooManyUploads);
        _log.Lines.Should().HaveCount(2);
    }

    [Fact]
    public void A_place_that_is_given_back_twice_counts_once()
    {
        using var stays = _open.Enter();
        var place = _open.Enter();

        place.Dispose();
        place.Dispose();

        _open.Count.Should().Be(1);
    }

    [Fact]
    public async Task Any_number_at_once_never_hold_more_places_than_there_are()
    {
        var most = 0;
        var admitted = 0;
        await Parallel.ForAsync(0, 20_000, (_, _) =>
        {
            try
            {
                using var place = _open.Enter();
                Interlocked.Increment(ref admitted);
                var count = _open.Count;
                if (count > Volatile.Read(ref most))
                    Volatile.Write(ref most, count);
            }
            catch (UploadException)
            {
                // No place.
            }

            return ValueTask.CompletedTask;
        });

        most.Should().BeInRange(1, 2);
        admitted.Should().BePositive();
        _open.Count.Should().Be(0);
    }

    [Fact]
    public void A_stop_refuses_at_once_and_tells_when_it_ends_what_is_still_open()
    {
        using var place = _open.Enter();

        _lifetime.StopApplication();

        Error(_open.Enter).Should().Be(UploadError.ServerStopping);
        _log.Lines.Should().BeEmpty();
        _clock.Advance(TimeSpan.FromSeconds(10));
        _log.Lines.Should().ContainSingle().Which.Should().Contain("Server:DrainTimeout");
    }

    private static UploadError? Error(Func<IDisposable> enter)
    {
        try
        {
            enter().Dispose();
            return null;
        }
        catch (UploadException refused)
        {
            return refused.Error;
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }

    private sealed class LineLog : ILogger<OpenUploads>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
