using OssProxy.Api.AccessCommands;
using OssProxy.Api.Diagnosis;
using OssProxy.Api.Hosting;
using OssProxy.Api.Images;
using OssProxy.Api.Reconciling;
using OssProxy.Api.Rendering;
using OssProxy.Core.Rendering.Workers;

return args switch
{
    ["doctor", .. var rest] => await Doctor.RunAsync(rest),
    ["reconcile", .. var rest] => await Reconcile.RunAsync(rest),
    ["accounts", .. var rest] => await AccountsCommand.RunAsync(rest),
    ["keys", .. var rest] => await KeysCommand.RunAsync(rest),
    ["derived", .. var rest] => await DerivedSweep.RunAsync(rest),
    [WorkerArguments.Word, .. var rest] => RenderWorker.Run(rest),
    // A misspelt command must not start a server, which would begin to work on what was only to be looked at.
    _ when args.FirstOrDefault() is { } word && !word.StartsWith("--", StringComparison.Ordinal) && !word.Contains('=', StringComparison.Ordinal) =>
        await UnknownCommand.TellAsync(word),
    _ when args.FirstOrDefault(one => one is "doctor" or "reconcile" or "accounts" or "keys" or "derived") is { } late => await UnknownCommand.TellAsync(late),
    _ => await ApiHost.RunAsync(args),
};
