using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace OssProxy.Api.Hosting;

/// <summary>
/// Writes log lines to the standard output, many at a time and on a thread of its own: a console takes one system call for each line, which
/// costs an upload more than the line itself, and a reader at the other end that stalls would stall the requests. What is written by one
/// process stays in order. Holds at most 1 MiB; beyond that the one who logs waits, because lines are not thrown away. A warning or worse is
/// out before the call returns, and disposing writes what is left, unless the reader stalls for 2 seconds; a process that is killed may lose the lines of its last moment.
/// </summary>
internal sealed class ConsoleLines : ILogEventSink, IDisposable
{
    private const int MostHeld = 1024 * 1024;

    // Waking a thread for each line costs more than the line. Whoever watches the console does not see a twentieth of a second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private readonly ITextFormatter _formatter;
    private readonly Stream _output;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private StringBuilder _lines = new();
    private StringBuilder _spare = new();
    private long _taken;
    private long _written;
    private bool _asleep;
    private bool _urgent;
    private bool _closed;

    /// <param name="formatter">Makes a line of an event.</param>
    /// <param name="output">The standard output; not disposed.</param>
    public ConsoleLines(ITextFormatter formatter, Stream output)
    {
        _formatter = formatter;
        _output = output;
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "log" };
        _thread.Start();
    }

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _formatter.Format(logEvent, line);
        lock (_gate)
        {
            while (_lines.Length > MostHeld && !_closed)
                Monitor.Wait(_gate);

            _lines.Append(line.GetStringBuilder());
            var ticket = ++_taken;
            var urgent = logEvent.Level >= LogEventLevel.Warning;
            _urgent |= urgent || _lines.Length > MostHeld;
            if (_asleep || _urgent)
                Monitor.PulseAll(_gate);
            while (urgent && _written < ticket && !_closed && Monitor.Wait(_gate, Patience))
            {
                // Until it is out, or the reader at the other end has stalled.
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join(Patience);
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
            }

            Write(lines.ToString());
            lines.Clear();
            lock (_gate)
            {
                _written = taken;
                Monitor.PulseAll(_gate);
            }
        }
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
