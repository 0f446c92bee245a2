using OssProxy.Core.Rendering.Workers;
using OssProxy.Tests.Rendering;

// The runner loads this assembly and never comes by here; tests start it for the processes that they need.
return args switch
{
    [WorkerArguments.Word, .. var rest] => ScriptedWorker.Run(rest),
    [PoolHost.Word, .. var rest] => await PoolHost.RunAsync(rest),
    _ => 1,
};
