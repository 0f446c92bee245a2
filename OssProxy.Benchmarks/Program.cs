using System.Reflection;
using BenchmarkDotNet.Running;
using OssProxy.Benchmarks;
using OssProxy.Benchmarks.Sink;

if (args is ["sink", .. var rest])
    return await OssSink.RunAsync(rest);

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, new BenchmarkConfig());
return 0;
