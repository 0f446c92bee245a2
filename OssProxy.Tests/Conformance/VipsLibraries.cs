using System.Diagnostics;
using OssProxy.Tests.Emulator;

namespace OssProxy.Tests.Conformance;

/// <summary>The builds of libvips that the engine is tried with: the distribution's, and the single file that comes with sharp.</summary>
internal static class VipsLibraries
{
    /// <summary>The one that test.sh installs from the distribution.</summary>
    public static string Distribution { get; } = FindDistribution();

    /// <summary>The one that comes with the program.</summary>
    public static string Bundled { get; } = Path.Combine(
        AppContext.BaseDirectory, "runtimes", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier.StartsWith("linux-arm", StringComparison.Ordinal)
            ? "linux-arm64" : "linux-x64", "native", "libvips.so.42");

    /// <summary>The single file of the npm package <c>@img/sharp-libvips-linux-x64</c>.</summary>
    public static async Task<string> SingleFileAsync()
    {
        var package = Path.Combine(await NodeSdk.InstalledAsync(), "node_modules", "@img", "sharp-libvips-linux-x64", "lib");
        return Directory.EnumerateFiles(package, "libvips-cpp.so.*").Single();
    }

    private static string FindDistribution()
    {
        using var process = Process.Start(new ProcessStartInfo("/sbin/ldconfig", "-p") { UseShellExecute = false, RedirectStandardOutput = true })!;
        var line = process.StandardOutput.ReadToEnd().Split('\n').FirstOrDefault(one => one.Contains("libvips.so.42 ", StringComparison.Ordinal));
        return line?[(line.LastIndexOf("=> ", StringComparison.Ordinal) + 3)..].Trim()
            ?? throw new InvalidOperationException("libvips.so.42 is missing: test.sh installs it (Debian: apt-get install libvips42).");
    }
}
