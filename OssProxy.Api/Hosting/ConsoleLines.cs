using System.Diagnostics;
using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace OssProxy.Api.Hosting;

/// <summary>
/// Writes log lines to the standard output, many at a time and on a thread of its own: a console takes one system call for each line, which
/// costs an upload more than the line itself, and a reader at the other end that stalls would stall the requests. What is written by one
/// process stays in order. Holds at most 1 MiB, and as much again while it is being written; beyond that the one who logs waits. A warning
/// or worse is out before the call returns, and disposing writes what is left. Once somebody has waited for 2 seconds nobody waits any more
/// until the reader has taken what is held: what finds no room is counted, and told of then, because uploads are worth more than lines about
/// them. A process that is killed may lose the lines of its last moment.
/// </summary>
internal sealed class ConsoleLines : ILogEventSink, IDisposable
{
    private const int MostHeld = 1024 * 1024;

    // Waking a thread for each line costs more than the line. Whoever watches the console does not see a twentieth of a second.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(2);
    private static readonly MessageTemplate Lost = new MessageTemplateParser().Parse(
        "{Count} log lines were lost, because the reader of the standard output had stalled");

    private readonly ITextFormatter _formatter;
    private readonly Stream _output;
    private readonly TimeSpan _patience;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private StringBuilder _lines = new();
    private StringBuilder _spare = new();
    private long _taken;
    private long _written;
    private long _lost;
    private DateTimeOffset _lastLost;
    private bool _stalled;
    private bool _asleep;
    private bool _urgent;
    private bool _closed;

    /// <param name="formatter">Makes a line of an event.</param>
    /// <param name="output">The standard output; not disposed.</param>
    /// <param name="patience">How long a reader that stalls is waited for; 2 seconds unless given.</param>
    public ConsoleLines(ITextFormatter formatter, Stream output, TimeSpan? patience = null)
    {
        _formatter = formatter;
        _output = output;
        _patience = patience ?? DefaultPatience;
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "log" };
        _thread.Start();
    }

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _formatter.Format(logEvent, line);
        lock (_gate)
        {
            if (!_closed && IsFull())
                WaitWhile(IsFull);
            if (!_closed && IsFull())
            {
                _lost++;
                _lastLost = logEvent.Timestamp;
                return;
            }

            _lines.Append(line.GetStringBuilder());
            var ticket = ++_taken;
            var urgent = logEvent.Level >= LogEventLevel.Warning;
            _urgent |= urgent || _lines.Length > MostHeld;
            if (_asleep || _urgent)
                Monitor.PulseAll(_gate);
            if (urgent)
                WaitWhile(() => _written < ticket);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join(_patience);
    }

    private bool IsFull() => _lines.Length > MostHeld;

    // Within the lock. Judged by the clock and not by one wait: whoever logs wakes those who wait.
    private void WaitWhile(Func<bool> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (condition() && !_closed && !_stalled)
        {
            var left = _patience - Stopwatch.GetElapsedTime(began);
            if (left > TimeSpan.Zero)
            {
                Monitor.Wait(_gate, left);
                continue;
            }

            _stalled = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void WriteAll()
    {
        while (true)
        {
            StringBuilder lines;
            long taken;
            lock (_gate)
            {
                _asleep = true;
                while (_lines.Length == 0 && !_closed)
                    Monitor.Wait(_gate);
                if (_lines.Length == 0)
                    return;

                _asleep = false;
                if (!_urgent && !_closed)
                    Monitor.Wait(_gate, Gathering);
                _urgent = false;

                (lines, _lines, _spare) = (_lines, _spare, _lines);
                taken = _taken;

                // There is room again.
                Monitor.PulseAll(_gate);
            }

            Write(lines.ToString());
            lines.Clear();
            lock (_gate)
            {
                _written = taken;
                _stalled = false;
                TellOfLost();
                Monitor.PulseAll(_gate);
            }
        }
    }

    // Behind all that was taken before the first was lost.
    private void TellOfLost()
    {
        if (_lost == 0)
            return;

        using var line = new StringWriter(_lines, CultureInfo.InvariantCulture);
        var count = new LogEventProperty("Count", new ScalarValue(_lost));
        _formatter.Format(new LogEvent(_lastLost, LogEventLevel.Warning, exception: null, Lost, [count]), line);
        _lost = 0;
    }

    private void Write(string text)
    {
        try
        {
            _output.Write(Encoding.UTF8.GetBytes(text));
            _output.Flush();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Nobody reads any more; a server goes on without its log rather than not at all.
        }
    }
}
