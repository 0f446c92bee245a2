using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>What a worker has not got, and that none outlives its pool.</summary>
public sealed class WorkerGuardSpecs : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-guard-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_environment_of_a_worker_begins_with_nothing()
    {
        var own = new Hashtable
        {
            ["Oss__AccessKeySecret"] = "secret",
            ["ConnectionStrings__X"] = "secret",
            ["DOTNET_STARTUP_HOOKS"] = "evil.dll",
            ["HOME"] = "/home",
            ["PATH"] = "/bin",
            ["FONTCONFIG_PATH"] = "/fonts",
        };

        var made = WorkerEnvironment.Of(own, "/t/1", 1L << 30);

        made.Keys.Should().BeEquivalentTo(
            EngineEnvironment.Variables.Select(variable => variable.Name).Concat(EngineEnvironment.Folders).Concat(
            [
                "PATH", "FONTCONFIG_PATH", "HOME", "DOTNET_gcServer", "DOTNET_gcConcurrent", "DOTNET_GCHeapHardLimit", "DOTNET_TieredPGO",
                "DOTNET_EnableDiagnostics",
            ]));
        made["TMPDIR"].Should().Be("/t/1");
        made["HOME"].Should().Be("/t/1");
        made["FONTCONFIG_PATH"].Should().Be("/fonts");
        made["DOTNET_GCHeapHardLimit"].Should().Be("30000000");
    }

    [Fact]
    public async Task A_worker_has_taken_from_itself_what_it_does_not_need()
    {
        Environment.SetEnvironmentVariable("GUARD_SPECS_SECRET", "secret");
        await using var pool = new WorkerPool(
            new RenderingOptions { Workers = 1, WorkerMemoryBytes = 512 << 20 }, ScriptedWorker.Command, _folder, TimeProvider.System,
            NullLogger<WorkerPool>.Instance);

        async Task<string> AskAsync(string word) =>
            ScriptedWorker.Text(await pool.RenderAsync(ScriptedWorker.Job(word), "k", CancellationToken.None).WaitAsync(Deadline));
        var said = await AskAsync("environment");
        var number = await AskAsync("pid");

        said.Should().NotContain("GUARD_SPECS_SECRET")
            .And.MatchRegex(@"Max core file size +0 +0").And.MatchRegex(@"Max open files +256 +256")
            .And.MatchRegex(@"Max data size +536870912 +536870912").And.MatchRegex(@"Max file size +16777216 +16777216")
            .And.MatchRegex(@"Max cpu time +4\d ").And.MatchRegex(@"NoNewPrivs:\s+1").And.MatchRegex(@"Umask:\s+0077");
        var niceness = (await File.ReadAllTextAsync($"/proc/{number}/stat")).Split(") ")[1].Split(' ')[16];
        niceness.Should().Be("10");
        (await File.ReadAllTextAsync($"/proc/{number}/oom_score_adj")).Trim().Should().Be("1000");
    }

    [Fact]
    public async Task No_worker_outlives_a_pool_that_was_killed_however_busy_it_is()
    {
        var busy = Path.Combine(_folder, "busy");
        using var host = PoolHost.Start(_folder, busy);
        var number = await host.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(busy)), "it is busy");
        IsThere(number).Should().BeTrue();

        host.Kill();

        await Eventually.TrueAsync(() => Task.FromResult(!IsThere(number)), "the worker has gone");
    }

    [Fact]
    public async Task What_a_killed_pool_has_left_goes_with_the_next_start()
    {
        var gone = Directory.CreateDirectory(Path.Combine(_folder, "999999999", "1")).FullName;
        var own = Directory.CreateDirectory(Path.Combine(_folder, $"{Environment.ProcessId}", "7")).FullName;
        var others = Directory.CreateDirectory(Path.Combine(_folder, "somebody")).FullName;
        using var living = Process.Start(new ProcessStartInfo("sleep", ["60"]))!;
        var beside = Directory.CreateDirectory(Path.Combine(_folder, living.Id.ToString(CultureInfo.InvariantCulture), "1")).FullName;
        var folders = new WorkerFolder(_folder);

        var first = folders.Add();
        var second = folders.Add();

        Directory.Exists(gone).Should().BeFalse();
        Directory.Exists(own).Should().BeFalse();
        Directory.Exists(others).Should().BeTrue();
        Directory.Exists(beside).Should().BeTrue();
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(first).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(first, "left"), "x");
        folders.Remove(first);
        Directory.Exists(first).Should().BeFalse();
        Directory.Exists(second).Should().BeTrue();
        folders.Remove(second);
        Directory.Exists(Path.GetDirectoryName(second)).Should().BeFalse();
        living.Kill();
    }

    [Fact]
    public async Task Folders_of_workers_that_come_and_go_side_by_side_are_there_as_long_as_they_are_needed()
    {
        var folders = new WorkerFolder(_folder);

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (_, cancellationToken) =>
        {
            var folder = folders.Add();
            await File.WriteAllTextAsync(Path.Combine(folder, "own"), "x", cancellationToken);
            folders.Remove(folder);
        });

        Directory.EnumerateFileSystemEntries(_folder).Should().BeEmpty();
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("/lib/x y.so", true)]
    public void The_words_of_the_command_line_are_read_as_they_were_written(string library, bool known)
    {
        var arguments = new WorkerArguments(1L << 33, TimeSpan.FromMilliseconds(20_500), library, known ? ScriptedWorker.Report : null);

        WorkerArguments.Read([.. arguments.ToWords()]).Should().BeEquivalentTo(arguments);
    }

    [Theory]
    [InlineData]
    [InlineData("1", "1")]
    [InlineData("x", "1", "-")]
    [InlineData("1", "-1", "-")]
    [InlineData("1", "1", "-", "?")]
    [InlineData("1", "1", "-", "AAAA")]
    [InlineData("1", "1", "-", "", "")]
    public void Other_words_are_none(params string[] words) => WorkerArguments.Read(words).Should().BeNull();

    [Fact]
    public void Of_what_a_worker_says_the_end_is_kept_on_one_line()
    {
        LastWords.OneLine("a\n\n  b\tc\u001b[1m\r\nd").Should().Be("a | b c [1m | d");
    }

    [Fact]
    public async Task Of_a_flood_of_words_the_last_are_kept()
    {
        var words = new LastWords();

        await words.ListenAsync(new MemoryStream([.. Enumerable.Repeat((byte)'x', 50_000), .. "the end"u8]), CancellationToken.None);

        words.ToString().Should().HaveLength(LastWords.MostBytes).And.EndWith("xthe end");
    }

    // A zombie without a parent that reaps it is no worker any more.
    private static bool IsThere(string? number)
    {
        try
        {
            return !File.ReadAllText($"/proc/{number}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
