using System.Collections;
using System.Globalization;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// The environment of a worker. It begins with nothing: the server's has the secrets of the configuration in it, and a worker reads
/// pictures of strangers.
/// </summary>
internal static class WorkerEnvironment
{
    // Where libraries, runtime, fonts and plugins are, and nothing else.
    private static readonly string[] Kept =
    [
        "PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
        "FONTCONFIG_FILE", "FONTCONFIG_PATH", "LIBHEIF_PLUGIN_PATH", "SystemRoot",
    ];

    /// <summary>What a worker is started with.</summary>
    /// <param name="own">The environment of this process.</param>
    /// <param name="folder">The worker's own folder.</param>
    /// <param name="memoryBytes">Memory that the worker may have in bytes.</param>
    public static Dictionary<string, string> Of(IDictionary own, string folder, long memoryBytes)
    {
        var made = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in EngineEnvironment.Variables)
            made[variable.Name] = variable.Value;
        foreach (var name in Kept)
        {
            if (own[name] is string value)
                made[name] = value;
        }

        made["HOME"] = folder;
        foreach (var name in EngineEnvironment.Folders)
            made[name] = folder;

        // What does not fit into the memory that a worker may have goes nowhere: it may write no file as large as that.
        made["VIPS_DISC_THRESHOLD"] = memoryBytes.ToString(CultureInfo.InvariantCulture);

        // The runtime of a worker: one small heap that is gone over by nobody else, nothing compiled twice, nothing to connect to.
        made["DOTNET_gcServer"] = "0";
        made["DOTNET_gcConcurrent"] = "0";
        made["DOTNET_GCHeapHardLimit"] = (memoryBytes / 4 * 3).ToString("x", CultureInfo.InvariantCulture);
        made["DOTNET_TieredPGO"] = "0";
        made["DOTNET_EnableDiagnostics"] = "0";
        return made;
    }
}
