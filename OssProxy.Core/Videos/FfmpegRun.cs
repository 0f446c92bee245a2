using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using OssProxy.Core.Images;

namespace OssProxy.Core.Videos;

/// <summary>What a run has brought.</summary>
/// <param name="Output">All that it wrote; null when that was more than may be.</param>
/// <param name="Said">The beginning of what it complained of, for the log; may hold anything that stands in the video.</param>
internal sealed record FfmpegResult(int ExitCode, byte[]? Output, string Said)
{
    // As the runtime tells of a child that a signal has ended: 128 and the signal's number.
    private const int Killed = 128 + 9;
    private const int Terminated = 128 + 15;

    /// <summary>Whether somebody has ended it: the system when memory ran out, or an operator. A crash of its own is the video's
    /// doing.</summary>
    public bool IsKilled => ExitCode is Killed or Terminated;
}

/// <summary>
/// One run of the program: a child without a shell, without our environment (where the secrets are), without a terminal, with limits, and with
/// nothing to read but what its arguments name. It does not outlive the call.
/// </summary>
internal static class FfmpegRun
{
    /// <summary>The largest picture in bytes: a PNG with sides of 3840, twice over.</summary>
    public const int MaxOutputBytes = 64 * 1024 * 1024;

    private const int MaxSaidBytes = 2048;

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="ImageException"><see cref="ImageError.EngineMissing"/>: it cannot be started.</exception>
    /// <exception cref="OperationCanceledException">It was ended from outside.</exception>
    public static async Task<FfmpegResult> RunAsync(
        string program, IEnumerable<string> arguments, long memoryBytes, TimeSpan cpu, CancellationToken cancellationToken)
    {
        using var child = Start(program, arguments);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var saying = Task.CompletedTask;
        try
        {
            ChildLimits.Set(child, memoryBytes, cpu);
            child.StandardInput.Close();
            var said = DrainAsync(child.StandardError.BaseStream, MaxSaidBytes, end.Token);
            saying = said;
            var output = await ReadAsync(child.StandardOutput.BaseStream, cancellationToken);
            if (output is null)
                return new FfmpegResult(-1, Output: null, "");
            var text = Encoding.UTF8.GetString(await said);
            await child.WaitForExitAsync(cancellationToken);
            return new FfmpegResult(child.ExitCode, output, text);
        }
        finally
        {
            await EndAsync(child);

            // Its words go nowhere now, and nobody may still be reading them when the child is disposed.
            await end.CancelAsync();
            await saying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // The child closes what nobody has asked it for, and leaves to us what we have.
            await child.StandardInput.BaseStream.DisposeAsync();
            await child.StandardOutput.BaseStream.DisposeAsync();
            await child.StandardError.BaseStream.DisposeAsync();
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetPathRoot(Path.GetFullPath(program))!,
        };

        // Secrets, and what would lead it elsewhere: http_proxy.
        start.Environment.Clear();
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            // Where it lies is nothing for clients; the cause says it to the log.
            throw new ImageException(
                ImageError.EngineMissing, "NotImplemented", "The program for videos cannot be started.", ec: null,
                new IOException($"The program {program} cannot be started.", failure));
        }
    }

    private static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (all.Length + read > MaxOutputBytes)
                return null;
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    // To its end, or the child would wait for a reader.
    private static async Task<byte[]> DrainAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            kept.Write(buffer, 0, Math.Min(read, most - (int)kept.Length));
        return kept.ToArray();
    }

    // Waited for in any case: a child that has ended and that nobody asks for stays in the table of processes.
    private static async Task EndAsync(Process child)
    {
        try
        {
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended in this moment, or one that it has started has (these come together, in an AggregateException).
        }

        await child.WaitForExitAsync(CancellationToken.None);
    }
}
