using System.Reflection;
using BenchmarkDotNet.Running;
using OssProxy.Benchmarks;

BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, new BenchmarkConfig());
