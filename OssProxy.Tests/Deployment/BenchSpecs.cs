using System.Diagnostics;
using OssProxy.Tests.Architecture;

namespace OssProxy.Tests.Deployment;

/// <summary>The scripts of the bench are too slow to be run here; what stops them at once is noticed all the same.</summary>
public sealed class BenchSpecs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("bench/common.sh")]
    [InlineData("bench/run.sh")]
    [InlineData("bench/tokens.sh")]
    [InlineData("bench/grants.sh")]
    public async Task A_script_is_one_that_bash_can_read(string script)
    {
        var (code, said) = await BashAsync("-n", script);
        code.Should().Be(0, said);
    }

    [Theory]
    [InlineData("bench/run.sh")]
    [InlineData("bench/tokens.sh")]
    [InlineData("bench/grants.sh")]
    public async Task An_argument_that_a_script_does_not_know_is_refused_with_the_ones_that_it_knows(string script)
    {
        var (code, said) = await BashAsync(script, "--quik");
        code.Should().Be(2);
        said.Should().Be($"usage: {script} [--quick]\n");
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
