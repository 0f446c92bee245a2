using System.Diagnostics;
using System.Globalization;
using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Videos;

namespace OssProxy.Tests.Videos;

/// <summary>The child process: what it has, what it may, and that it goes.</summary>
public sealed class FfmpegRunSpecs
{
    private const long Memory = 1024L * 1024 * 1024;
    private static readonly TimeSpan Cpu = TimeSpan.FromSeconds(7);

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Fact]
    public void It_is_told_what_the_file_is_before_it_sees_it_and_reads_nothing_but_our_address()
    {
        var snapshot = new Snapshot(TimeSpan.FromMilliseconds(1500), 260, 0, ImageFormat.Jpeg, Fast: true, AutoRotate: false, Canonical: "");

        var arguments = FfmpegCall.Arguments(snapshot, "mov", new Uri("http://127.0.0.1:1/x"), lastKeyFrame: true).ToList();

        string Of(string name) => arguments[arguments.IndexOf(name) + 1];
        arguments.IndexOf("-f").Should().BeLessThan(arguments.IndexOf("-i"));
        (Of("-f"), Of("-protocol_whitelist"), Of("-ss"), Of("-i")).Should().Be(("mov", "http,tcp,pipe", "1.5", "http://127.0.0.1:1/x"));
        arguments.Count(one => one == "-i").Should().Be(1);
        arguments.Should().Contain("-noautorotate").And.Contain("-nostdin");
        Of("-vf").Should().Be("setpts=0,scale=w=260:h=-1");
    }

    [Fact]
    public async Task It_has_nothing_of_our_environment()
    {
        var run = await FfmpegRun.RunAsync("/usr/bin/env", [], Memory, Cpu, Deadline);

        Encoding.UTF8.GetString(run.Output!).Trim().Should().Be("LC_ALL=C");
    }

    [Fact]
    public async Task It_has_limits()
    {
        // Its input ends when they are set.
        var run = await FfmpegRun.RunAsync(
            "/bin/sh", ["-c", "read end; ulimit -v; ulimit -t; ulimit -f; ulimit -n; ulimit -c; nice"], Memory, Cpu, Deadline);

        Encoding.UTF8.GetString(run.Output!).Split('\n', StringSplitOptions.RemoveEmptyEntries)[..5]
            .Should().Equal((Memory / 1024).ToString(CultureInfo.InvariantCulture), "8", "0", "64", "0");
    }

    [Fact]
    public async Task What_it_writes_is_bounded()
    {
        var run = await FfmpegRun.RunAsync("/bin/cat", ["/dev/zero"], Memory, Cpu, Deadline);

        run.Output.Should().BeNull();
    }

    [Fact]
    public async Task Nobody_waits_for_the_words_of_what_it_has_left_behind()
    {
        // An orphan, which is nobody's child any more and holds the way of complaints open.
        var run = FfmpegRun.RunAsync("/bin/sh", ["-c", "(/bin/sleep 25 >/dev/null &); exec /bin/cat /dev/zero"], Memory, Cpu, Deadline);

        (await run.WaitAsync(TimeSpan.FromSeconds(20))).Output.Should().BeNull();
    }

    [Fact]
    public async Task What_it_complains_of_is_kept_in_part_and_does_not_hold_it()
    {
        var run = await FfmpegRun.RunAsync("/bin/sh", ["-c", "/usr/bin/head -c 1000000 /dev/zero >&2; exit 3"], Memory, Cpu, Deadline);

        (run.ExitCode, run.Said.Length).Should().Be((3, 2048));
    }

    [Fact]
    public async Task Nothing_is_left_open_of_one_that_has_ended()
    {
        var run = await FfmpegRun.RunAsync("/bin/readlink", ["/proc/self/fd/1", "/proc/self/fd/2"], Memory, Cpu, Deadline);

        var its = Encoding.UTF8.GetString(run.Output!).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        its.Should().HaveCount(2).And.OnlyContain(one => one.StartsWith("pipe:", StringComparison.Ordinal));
        new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Select(one => one.LinkTarget).Should().NotContain(its);
    }

    [Fact]
    public async Task That_a_signal_ended_it_is_known_and_its_own_errors_are_none()
    {
        (await FfmpegRun.RunAsync("/bin/sh", ["-c", "kill -KILL $$"], Memory, Cpu, Deadline)).IsKilled.Should().BeTrue();

        // A crash is the doing of what it was at; 183 is what newer ones say of a file that is damaged.
        (await FfmpegRun.RunAsync("/bin/sh", ["-c", "kill -SEGV $$"], Memory, Cpu, Deadline)).IsKilled.Should().BeFalse();
        foreach (var code in (int[])[0, 1, 128, 183, 255])
            (await FfmpegRun.RunAsync("/bin/sh", ["-c", $"exit {code}"], Memory, Cpu, Deadline)).IsKilled.Should().BeFalse();
    }

    [Fact]
    public async Task That_it_was_killed_is_no_fault_of_the_video()
    {
        using var killed = new Script("exec /bin/sh -c 'exit 137'");
        using var refusing = new Script("exit 183");
        var video = await TestVideo.IndexLastAsync();
        using var bed = new SnapshotBed(video, new VideoOptions { Ffmpeg = killed.Path });
        using var other = new SnapshotBed(video, new VideoOptions { Ffmpeg = refusing.Path });

        (await bed.FailAsync()).Should().Be(ImageError.RenderingFailed);
        (await other.FailAsync()).Should().Be(ImageError.ImageDamaged);
    }

    [Fact]
    public async Task Where_it_lies_is_told_to_the_log_alone()
    {
        var run = () => FfmpegRun.RunAsync("/no/such/ffmpeg", [], Memory, Cpu, Deadline);

        var failure = (await run.Should().ThrowAsync<ImageException>()).Which;

        failure.Error.Should().Be(ImageError.EngineMissing);
        failure.Message.Should().NotContain("/no/such");
        failure.InnerException!.Message.Should().Contain("/no/such/ffmpeg");
    }

    [Fact]
    public async Task At_the_deadline_it_is_killed_with_all_that_it_has_started()
    {
        using var script = new Script("/bin/sleep 59.$$ & /bin/sleep 59.$$");
        using var bed = new SnapshotBed(
            await TestVideo.IndexLastAsync(), new VideoOptions { Ffmpeg = script.Path, Timeout = TimeSpan.FromMilliseconds(500) });

        (await bed.FailAsync().WaitAsync(TimeSpan.FromSeconds(20))).Should().Be(ImageError.RenderingTimedOut);

        script.Running().Should().BeEmpty();
    }

    [Fact]
    public async Task A_store_that_gives_nothing_holds_nobody_longer_than_the_deadline()
    {
        var store = new WatchedStore(await TestVideo.IndexLastAsync()) { Gate = new TaskCompletionSource() };
        using var bed = new SnapshotBed(store, new VideoOptions { Timeout = TimeSpan.FromMilliseconds(700) });

        (await bed.FailAsync()).Should().Be(ImageError.RenderingTimedOut);
    }

    [Fact]
    public async Task Who_finds_no_place_is_told_at_once()
    {
        var gate = new TaskCompletionSource();
        using var bed = new SnapshotBed(
            new WatchedStore(await TestVideo.IndexLastAsync()) { Gate = gate }, new VideoOptions { Workers = 1, Queue = 1 });
        var working = bed.TakeAsync();
        await Eventually.TrueAsync(() => Task.FromResult(bed.Store.Opened > 1), "the first one works");
        var waiting = bed.TakeAsync();

        (await bed.FailAsync()).Should().Be(ImageError.RenderingBusy);

        gate.SetResult();
        (await Task.WhenAll(working, waiting)).Should().OnlyContain(picture => picture.Width == 320);
        (await bed.TakeAsync()).Width.Should().Be(320);
    }

    [Fact]
    public async Task A_machine_without_the_program_is_told_so()
    {
        using var bed = new SnapshotBed([], new VideoOptions { Ffmpeg = "/no/such/ffmpeg" });

        (await bed.FailAsync()).Should().Be(ImageError.EngineMissing);
        FfmpegProgram.Find("", "relative:/no/such/folder").Should().BeNull();
        FfmpegProgram.Find("", "/no/such/folder:/bin:/usr/bin").Should().EndWith("/ffmpeg");
    }

    /// <summary>A program that stands for the real one.</summary>
    private sealed class Script : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-ffmpeg-").FullName;

        public Script(string commands)
        {
            Path = System.IO.Path.Combine(_folder, "ffmpeg");
            File.WriteAllText(Path, $"#!/bin/sh\n{commands.Replace("$$", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)}\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        public string Path { get; }

        /// <summary>What of it still runs.</summary>
        public IReadOnlyList<int> Running() =>
        [
            .. Process.GetProcesses().Where(one => CommandLine(one) is var line
                && (line.Contains(Path, StringComparison.Ordinal) || line.Contains($"59.{Environment.ProcessId}", StringComparison.Ordinal)))
                .Select(one => one.Id),
        ];

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        private static string CommandLine(Process process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/cmdline");
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }
}
