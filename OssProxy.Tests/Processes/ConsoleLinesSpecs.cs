using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using OssProxy.Api.Hosting;
using Serilog.Events;
using Serilog.Formatting.Display;
using Serilog.Parsing;

namespace OssProxy.Tests.Processes;

/// <summary>A standard output whose reader has stalled, as a paused terminal or a log shipper that hangs: a pipe that nobody empties.</summary>
public sealed class ConsoleLinesSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In);
    private readonly AnonymousPipeClientStream _stdout;
    private ConsoleLines? _lines;
    private int _count;

    public ConsoleLinesSpecs() => _stdout = new AnonymousPipeClientStream(PipeDirection.Out, _reader.ClientSafePipeHandle);

    public void Dispose()
    {
        // The end of the reader ends the writing that hangs.
        _reader.Dispose();
        _lines?.Dispose();
        _stdout.Dispose();
    }

    [Fact]
    public async Task A_reader_that_stalls_holds_nobody_up_and_is_told_what_it_has_missed()
    {
        const int Threads = 4;
        const int Each = 1500;
        Open(Patience);
        var began = Stopwatch.GetTimestamp();

        // 6 MB in all, where the pipe takes 64 KiB and the lines 1 MiB twice.
        await AllAsync(Threads, () =>
        {
            for (var i = 0; i < Each; i++)
                Log(LogEventLevel.Information, new string('x', 1000));
        });
        Stopwatch.GetElapsedTime(began).Should().BeLessThan(Deadline / 2);

        var heard = await ReadUntilAsync("WRN");

        var lost = int.Parse(heard[^1].Split(' ')[1], CultureInfo.InvariantCulture);
        lost.Should().BeInRange(1, (Threads * Each) - 1000);
        (heard.Count - 1 + lost).Should().Be(Threads * Each, "what was not lost has come, and before the word of it");

        Log(LogEventLevel.Information, "again");
        (await ReadUntilAsync("again")).Should().Equal("INF again");
    }

    [Fact]
    public async Task Many_warnings_at_once_wait_for_a_reader_that_stalls_no_longer_than_one()
    {
        const int Each = 50;
        Open(Patience);
        Log(LogEventLevel.Information, new string('x', 100_000));
        var began = Stopwatch.GetTimestamp();

        await AllAsync(4, () =>
        {
            for (var i = 0; i < Each; i++)
                Log(LogEventLevel.Warning, "w");
        });

        // Each for itself it would be a minute.
        Stopwatch.GetElapsedTime(began).Should().BeGreaterThan(Patience).And.BeLessThan(Deadline / 2);
        (await ReadUntilAsync(line => line == "WRN w" && ++_count == 4 * Each)).Count.Should().Be(1 + (4 * Each), "nothing is lost while there is room");
    }

    [Fact]
    public async Task A_warning_is_out_before_the_call_returns_when_somebody_reads()
    {
        Open(Deadline);
        Log(LogEventLevel.Information, "one");
        Log(LogEventLevel.Warning, "two");

        // No byte comes later, so that an end in place of it is noticed.
        _stdout.Dispose();
        (await ReadUntilAsync(_ => false)).Should().Equal("INF one", "WRN two");
    }

    private static Task AllAsync(int threads, ThreadStart work)
    {
        var ended = Enumerable.Range(0, threads).Select(_ =>
        {
            var end = new TaskCompletionSource();
            new Thread(() =>
            {
                work();
                end.SetResult();
            })
            { IsBackground = true }.Start();
            return end.Task;
        });
        return Task.WhenAll([.. ended]).WaitAsync(Deadline);
    }

    private void Open(TimeSpan patience) => _lines = new ConsoleLines(
        new MessageTemplateTextFormatter("{Level:u3} {Message:lj}{NewLine}", CultureInfo.InvariantCulture), _stdout, patience);

    private void Log(LogEventLevel level, string text) =>
        _lines!.Emit(new LogEvent(Now, level, exception: null, new MessageTemplate([new TextToken(text)]), []));

    private Task<List<string>> ReadUntilAsync(string begin) =>
        ReadUntilAsync(line => line.Contains(begin, StringComparison.Ordinal) && line.Length < 1000);

    private async Task<List<string>> ReadUntilAsync(Func<string, bool> isLast)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var reader = new StreamReader(_reader, leaveOpen: true);
        var lines = new List<string>();
        while (await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            lines.Add(line);
            if (isLast(line))
                break;
        }

        return lines;
    }
}
