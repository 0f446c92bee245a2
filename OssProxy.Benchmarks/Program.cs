using System.Reflection;
using BenchmarkDotNet.Running;
using OssProxy.Benchmarks;
using OssProxy.Benchmarks.Load;
using OssProxy.Benchmarks.Sink;

if (args is ["sink", .. var rest])
    return await OssSink.RunAsync(rest);

if (args is ["load", .. var load])
    return await GrantLoad.RunAsync(load);

if (args is ["images", .. var images])
    return await ImageLoad.AskAsync(images);

if (args is ["render", .. var render])
    return await ImageLoad.RenderAsync(render);

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, new BenchmarkConfig());
return 0;
