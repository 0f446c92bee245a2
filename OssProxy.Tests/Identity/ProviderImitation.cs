using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OssProxy.Tests.Identity;

/// <summary>
/// A provider on loopback, written from its documentation and from nothing of ours. It hands out codes, each for one person in one app and to
/// be used once, looks at every parameter that it receives, and refuses as the provider would.
/// </summary>
internal abstract class ProviderImitation : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Issued> _codes = new(StringComparer.Ordinal);
    private WebApplication? _app;
    private int _requests;

    public string Address => _app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>How often it has been asked.</summary>
    public int Requests => _requests;

    /// <summary>What was wrong with requests beside what is told in the answer. Stays empty when all is well.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Errors to answer next, in the provider's words, before anything else is looked at.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>What it answers instead, once, and to whichever request comes next.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>What becomes of the next good answer on its way.</summary>
    public Func<string, string>? Tamper { get; set; }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async context =>
        {
            Interlocked.Increment(ref _requests);
            if (Instead is { } instead)
            {
                Instead = null;
                await instead(context);
                return;
            }

            var (text, contentType) = await AnswerAsync(context.Request);
            if (Tamper is { } tamper)
            {
                Tamper = null;
                text = tamper(text);
            }

            context.Response.ContentType = contentType;
            await context.Response.WriteAsync(text);
        });
        await _app.StartAsync();
    }

    /// <summary>A code that the platform has given a person's device for an app.</summary>
    public string NewCode(string app, string person, string? union = null)
    {
        var code = $"code-{Guid.NewGuid():N}";
        _codes[code] = new Issued(app, person, union);
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    protected abstract Task<(string Text, string ContentType)> AnswerAsync(HttpRequest request);

    /// <summary>Looks a code up and uses it. Null when there is none for this app.</summary>
    protected (Issued? Whose, bool WasUsed) Use(string app, string code) =>
        _codes.TryGetValue(code, out var issued) && issued.App == app ? (issued, issued.Use()) : (null, false);

    /// <summary>Complains of everything but exactly these names, once each.</summary>
    protected void RequireNames(string place, IEnumerable<string> sent, params string[] expected)
    {
        var names = string.Join(' ', sent.Order(StringComparer.Ordinal));
        if (names != string.Join(' ', expected.Order(StringComparer.Ordinal)))
            Complaints.Enqueue($"{place}: {names}");
    }

    protected void Require(bool isSo, string what)
    {
        if (!isSo)
            Complaints.Enqueue(what);
    }

    internal sealed record Issued(string App, string Person, string? Union)
    {
        private int _used;

        public bool Use() => Interlocked.Exchange(ref _used, 1) == 1;
    }
}
