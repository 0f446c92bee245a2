using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Api.Hosting;
using OssProxy.Api.Library;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Api.Library;

/// <summary>An export over a real socket, out of records that break off, never end, or cannot be read at all.</summary>
public sealed class ImageExportSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly ImageRecord Row = new(
        1, 0, "", new string('n', 30), "/a.png", 50, true, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "link", "", null, "image/png", null,
        null, null, null, null, "", "admin", null);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private readonly HttpClient _client = new() { Timeout = Deadline };
    private int _given;

    public ImageExportSpecs()
    {
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(Options.Create(new ServerOptions { DrainTimeout = TimeSpan.Zero }));
        builder.Services.AddSingleton<UploadDrain>();
        builder.Services.AddSingleton<ImageExport>();
        _app = builder.Build();
        _app.MapGet("/{rows:int}/{format}", (HttpContext context, int rows, string format) => _app.Services.GetRequiredService<ImageExport>()
            .WriteAsync(context, stop => Rows(rows, stop), ExportFormat.Find(format)!, new ConsoleClock(TimeZoneInfo.Utc, TimeProvider.System)));
    }

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("csv", 1)]
    [InlineData("ndjson", 1)]
    [InlineData("csv", 1000)]
    [InlineData("ndjson", 1000)]
    public async Task An_export_that_breaks_off_does_not_look_whole(string format, int rows)
    {
        var reading = async () => await _client.GetByteArrayAsync($"/{rows}/{format}");

        await reading.Should().ThrowAsync<HttpRequestException>();
        await _ended.Task.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Records_that_cannot_be_read_are_told_before_the_answer_begins()
    {
        using var response = await _client.GetAsync("/0/csv");

        ((int)response.StatusCode).Should().Be(500);
        response.Content.Headers.ContentDisposition.Should().BeNull();
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_reading_and_nothing_is_held_for_one_that_waits()
    {
        using (var response = await _client.GetAsync("/-1/ndjson", HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[100_000]);
            _ended.Task.IsCompleted.Should().BeFalse("there is no end to it");
        }

        await _ended.Task.WaitAsync(Deadline);
        _given.Should().BeGreaterThan(200);
    }

    [Fact]
    public async Task A_stop_cuts_an_export_off()
    {
        using var response = await _client.GetAsync("/-1/csv", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var reading = async () => await body.CopyToAsync(Stream.Null);
        var broken = reading.Should().ThrowAsync<IOException>();

        await _app.StopAsync().WaitAsync(Deadline);

        await broken;
        await _ended.Task.WaitAsync(Deadline);
    }

    // As many as are asked for, then a failure; below 0 without end.
    private async IAsyncEnumerable<ImageRecord> Rows(int rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            for (; rows < 0 || _given < rows; _given++)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return Row;
            }

            throw new RecordsException(RecordsError.RecordsUnavailable, "The database has gone.");
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
