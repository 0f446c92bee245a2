namespace OssProxy.Tests.Processes;

/// <summary>A word that is no command starts no server: it would begin to work on what was only to be looked at.</summary>
public sealed class CommandSpecs : ProcessSpecs
{
    [Theory]
    [InlineData("reconsile", "--dry-run")]
    [InlineData("--dry-run", "reconcile")]
    public async Task A_command_that_is_misspelt_or_misplaced_is_refused(params string[] words)
    {
        await using var run = await ServerProcess.RunAsync(words, Settings(), Folder);

        run.ExitCode.Should().Be(1);
        run.Output.Should().Contain("不认识的命令").And.Contain("reconcile [--dry-run]");
    }

    [Fact]
    public async Task A_worker_that_is_started_by_hand_says_that_it_is_nothing_for_people()
    {
        await using var run = await ServerProcess.RunAsync(["render-worker"], Settings(), Folder);

        run.ExitCode.Should().Be(1);
        run.Output.Should().Contain("由服务自己启动");
    }
}
