using System.Runtime.InteropServices;
using OssProxy.Emulator;

// By itself: section "Emulator" of the command line (--Emulator:Urls=…) and the environment (Emulator__Urls=…).
var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
var options = new EmulatorOptions { LoggerFactory = loggers };
configuration.GetSection("Emulator").Bind(options);
if (options.Buckets.Count == 0)
    options.Buckets.Add(new() { Name = "ossproxy" });

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await using var server = await EmulatorServer.StartAsync(options, stop.Token);
    var buckets = string.Join(", ", options.Buckets.Select(b => b.Name));
    Console.WriteLine($"OSS emulator: {server.Address} region {options.Region} folder {Path.GetFullPath(options.Folder)} buckets {buckets}");
    if (options.Credentials.Count == 0)
        Console.WriteLine($"AccessKeyId {server.Credentials[0].AccessKeyId} AccessKeySecret {server.Credentials[0].AccessKeySecret}");

    await Task.Delay(Timeout.Infinite, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (EmulatorStartException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 2;
}

return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
