using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OssProxy.Tests.Sts;

/// <summary>Somebody on loopback who gives credentials, written from the documentation and from nothing of ours.</summary>
internal abstract class Imitation : IAsyncDisposable
{
    private WebApplication? _app;
    private int _requests;
    private int _given;

    public string Address => _app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>How often it has been asked.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How often it has given credentials.</summary>
    public int Given => Volatile.Read(ref _given);

    /// <summary>The clock of its answers, and of the end of what it gives.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What was wrong with requests beside what is told in the answer. Stays empty when all is well.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>What is done instead, once each, before anything is looked at.</summary>
    public ConcurrentQueue<Func<HttpContext, Task>> Instead { get; } = new();

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context =>
        {
            Interlocked.Increment(ref _requests);
            context.Response.Headers.Date = Time.GetUtcNow().ToString("r");
            if (context.Request.Headers.ContainsKey("Cookie") || context.Request.Headers.ContainsKey("traceparent"))
                Complaints.Enqueue("more headers than were asked for");
            return Instead.TryDequeue(out var instead) ? instead(context) : AnswerAsync(context);
        });
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    protected abstract Task AnswerAsync(HttpContext context);

    /// <summary>Counts what is given, from 1.</summary>
    protected int Next() => Interlocked.Increment(ref _given);

    protected static async Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json;charset=utf-8";
        await context.Response.WriteAsync(text);
    }
}
