using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace OssProxy.Benchmarks;

/// <summary>
/// Runs every benchmark in this process. BenchmarkDotNet's own way, a generated project and a process for each benchmark, builds cleanly here
/// too but took 2 min 56 s for a short job where this took 1 min 47 s (two shared cores), and none of the benchmarks shares state with another.
/// </summary>
internal sealed class BenchmarkConfig : ManualConfig
{
    public BenchmarkConfig()
    {
        Add(DefaultConfig.Instance);

        // A mutator changes the jobs that the command line asks for (--job short) and adds none of its own.
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsMutator());
    }
}
