using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace OssProxy.Tests.Faults;

/// <summary>Hears what a server says of its uploads: the one verdict on each request, and everything that it calls an error. The way to
/// know whom it blames when its client cannot be told.</summary>
internal sealed class LogCatcher : ILoggerProvider
{
    /// <summary>The verdict on an upload that succeeded.</summary>
    public const string Stored = "Stored";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Channel<string> _verdicts = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _errors = new();

    /// <summary>Lines at level Error and above.</summary>
    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>The next verdict: <see cref="Stored"/>, or the error code.</summary>
    public async Task<string> VerdictAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return await _verdicts.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>A verdict that nobody has asked for; null when there is none.</summary>
    public string? Surplus() => _verdicts.Reader.TryRead(out var verdict) ? verdict : null;

    public ILogger CreateLogger(string categoryName) => new Ear(this, categoryName);

    public void Dispose()
    {
        // What was heard is kept.
    }

    private sealed class Ear(LogCatcher catcher, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // The one event that the server keeps out of its log, for the reason given there.
            if (logLevel >= LogLevel.Error && eventId.Name != "RequestBodyDrainBodyReaderInvalidState")
                catcher._errors.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            if (category.EndsWith(".UploadPipeline", StringComparison.Ordinal) && eventId.Name == "LogStored")
                catcher._verdicts.Writer.TryWrite(Stored);
            if (category.EndsWith(".FailureHandler", StringComparison.Ordinal) && state is IEnumerable<KeyValuePair<string, object?>> values)
                catcher._verdicts.Writer.TryWrite(values.First(value => value.Key == "Code").Value!.ToString()!);
        }
    }
}
