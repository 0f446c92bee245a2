using System.Runtime.InteropServices;

namespace OssProxy.Api.Hosting;

/// <summary>
/// The operator's last word. The host takes every SIGINT and SIGTERM for the wish to stop, which may take the whole of
/// <see cref="ServerOptions.DrainTimeout"/>; from the second one on the process ends at once, with 128 plus the number of the signal, as if
/// it had no handler. What it leaves behind is what a kill leaves, and is cleared at the next start.
/// </summary>
internal sealed partial class SecondSignal : IDisposable
{
    // One wish can come as two signals: under `dotnet run` a SIGTERM to the group arrives directly and is passed on by the parent.
    private static readonly TimeSpan Echo = TimeSpan.FromSeconds(1);

    private readonly ILogger<SecondSignal> _log;
    private readonly TimeProvider _time;
    private readonly PosixSignalRegistration[] _registrations;
    private long _first;

    public SecondSignal(ILogger<SecondSignal> log, TimeProvider time)
    {
        _log = log;
        _time = time;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Take(130)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Take(143)),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, _ => Take(131)),
        ];
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Take(int exitCode)
    {
        var first = Interlocked.CompareExchange(ref _first, _time.GetTimestamp(), 0);
        if (first == 0 || _time.GetElapsedTime(first) < Echo)
            return;

        LogExit(exitCode);
        Environment.Exit(exitCode);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A second signal: the process ends at once with {ExitCode}; what is left is cleared at the next start")]
    private partial void LogExit(int exitCode);
}
