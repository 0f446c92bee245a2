using Microsoft.Playwright;

namespace OssProxy.Tests.Browsers;

/// <summary>A real browser for the tests of a class. Each visit has its own cookies and storage, as a window that keeps nothing.</summary>
public sealed class Chromium : IAsyncLifetime
{
    // Milliseconds.
    private const float Longest = 20_000;

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(Longest);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Find(),
            // A cold start beside other tests takes long.
            Timeout = 90_000,
            // Its sandbox wants rights that containers seldom have; it visits pages of these tests alone.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Opens a window. A wait of its own that takes longer than 20 s fails.</summary>
    public async Task<BrowserVisit> VisitAsync()
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { Locale = "zh-CN", ColorScheme = ColorScheme.Light });
        context.SetDefaultTimeout(Longest);
        return new BrowserVisit(context, await context.NewPageAsync());
    }

    private static string Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("No Chromium was found on PATH: install it (Debian: apt-get install chromium).");
    }
}
