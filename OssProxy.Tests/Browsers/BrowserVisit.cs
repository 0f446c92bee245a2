using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace OssProxy.Tests.Browsers;

/// <summary>One window of a browser, and what it complained of: scripts that failed, and what a page's policy kept from running.</summary>
public sealed class BrowserVisit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    internal BrowserVisit(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _complaints.Enqueue(message.Text);
        };
    }

    public IPage Page { get; }

    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>The cookies that the window would send to <paramref name="address"/>.</summary>
    public async Task<IReadOnlyList<BrowserContextCookiesResult>> CookiesAsync(Uri address) => await _context.CookiesAsync([address.ToString()]);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
