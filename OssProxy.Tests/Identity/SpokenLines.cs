using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OssProxy.Tests.Identity;

/// <summary>Everything that a server logs, at every level, with exceptions: what must not hold a secret.</summary>
internal sealed class SpokenLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Whether a text stands in any line.</summary>
    public bool HasSaid(string text) => _lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Ear(_lines, categoryName);

    public void Dispose()
    {
        // What was heard is kept.
    }

    private sealed class Ear(ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"{category}: {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{category}: {formatter(state, exception)} {exception}");
    }
}
