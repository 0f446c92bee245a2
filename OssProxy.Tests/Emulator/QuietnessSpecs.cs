using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary>What clients and faults do to a connection is no event for an operator.</summary>
public sealed class QuietnessSpecs : EmulatorSpecs
{
    private readonly ConcurrentQueue<string> _messages = new();

    public override async Task InitializeAsync()
    {
        var options = Options();
        options.LoggerFactory = LoggerFactory.Create(logging => logging.AddProvider(new RecordedLog(_messages)).SetMinimumLevel(LogLevel.Warning));
        await StartAsync(options);
    }

    [Fact]
    public async Task Clients_that_leave_and_connections_that_are_torn_make_no_noise()
    {
        var unobserved = new ConcurrentQueue<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Enqueue(e.Exception);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await Client.SendAsync("PUT", "/photos/large", new byte[8 << 20]);
            using (var upload = await Client.OpenAsync())
            {
                await upload.SendAsync(Client.Head("PUT", "/photos/left", Signing.V4, ("Content-Length", "1000000")));
                await upload.SendAsync(new byte[1000]);
                upload.Abort();
            }

            using (var download = await Client.OpenAsync())
            {
                await download.SendAsync(Client.Head("GET", "/photos/large", Signing.V4));
                await download.ReadHeadAsync();
                download.Abort();
            }

            foreach (var reset in new[] { FaultReset.BeforeBody, FaultReset.DuringBody, FaultReset.BeforeReply })
            {
                using var fault = Server.Faults.Add(new() { Reset = reset });
                var put = () => Client.PutAsync("/photos/torn", "x");
                await put.Should().ThrowAsync<IOException>();
            }

            using (Server.Faults.Add(new() { TruncateReplyAfterBytes = 10 }))
            {
                var get = () => Client.GetAsync("/photos/large");
                await get.Should().ThrowAsync<IOException>();
            }

            await Server.Requests.WaitForAsync(e => e.Key == "left" && e.Status == 0, WireClient.Deadline);
        }
        finally
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            TaskScheduler.UnobservedTaskException -= Note;
        }

        _messages.Should().BeEmpty();
        unobserved.Where(e => e.ToString().Contains("OssProxy.Emulator.Http", StringComparison.Ordinal)).Should().BeEmpty();
    }

    private sealed class RecordedLog(ConcurrentQueue<string> messages) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            messages.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
            // Nothing is held open.
        }
    }
}
