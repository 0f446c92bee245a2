using System.Diagnostics;
using OssProxy.Tests.Architecture;

namespace OssProxy.Tests.Deployment;

/// <summary>bench/run.sh is too slow to be run here; what stops it at once is noticed all the same.</summary>
public sealed class BenchSpecs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_script_is_one_that_bash_can_read()
    {
        var (code, said) = await BashAsync("-n", "bench/run.sh");
        code.Should().Be(0, said);
    }

    [Fact]
    public async Task An_argument_that_the_script_does_not_know_is_refused_with_the_ones_that_it_knows()
    {
        var (code, said) = await BashAsync("bench/run.sh", "--quik");
        code.Should().Be(2);
        said.Should().Be("usage: bench/run.sh [--quick]\n");
    }

    private static async Task<(int Code, string Said)> BashAsync(params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var bash = Process.Start(new ProcessStartInfo("bash", arguments)
        {
            WorkingDirectory = SourceTree.Root,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var said = await bash.StandardError.ReadToEndAsync(deadline.Token);
        await bash.WaitForExitAsync(deadline.Token);
        return (bash.ExitCode, said);
    }
}
