using OssProxy.Api.Diagnosis;
using OssProxy.Api.Hosting;
using OssProxy.Api.Reconciling;

return args switch
{
    ["doctor", .. var rest] => await Doctor.RunAsync(rest),
    ["reconcile", .. var rest] => await Reconcile.RunAsync(rest),
    _ => await ApiHost.RunAsync(args),
};
