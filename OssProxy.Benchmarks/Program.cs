using System.Reflection;
using BenchmarkDotNet.Running;
using OssProxy.Benchmarks;
using OssProxy.Benchmarks.Load;
using OssProxy.Benchmarks.Sink;

if (args is ["sink", .. var rest])
    return await OssSink.RunAsync(rest);

if (args is ["load", .. var load])
    return await GrantLoad.RunAsync(load);

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, new BenchmarkConfig());
return 0;
