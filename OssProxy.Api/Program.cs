using OssProxy.Api.Diagnosis;
using OssProxy.Api.Hosting;

return args is ["doctor", .. var rest] ? await Doctor.RunAsync(rest) : await ApiHost.RunAsync(args);
