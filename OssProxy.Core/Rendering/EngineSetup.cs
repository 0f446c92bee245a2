namespace OssProxy.Core.Rendering;

/// <summary>What an <see cref="Engine"/> needs to know before it starts.</summary>
public sealed record EngineSetup
{
    /// <summary>The path of libvips; null to look for it: the system's, then the one that came with the program.</summary>
    public string? Library { get; init; }

    /// <summary>What another process has found out about the same library already; null to find it out. To try everything costs a tenth of
    /// a second, which the second worker need not spend.</summary>
    public EngineReport? Known { get; init; }
}

/// <summary>A number that is part of every result's key: bumped whenever the same job gives other bytes that matter, so that results
/// made before are made anew.</summary>
public static class EngineVersion
{
    public const int Current = 2;
}

/// <summary>
/// What whoever starts a worker process must put into its environment. libvips and the C library read these with <c>getenv</c> when they
/// start, and what a .NET process sets for itself never reaches that.
/// </summary>
public static class EngineEnvironment
{
    /// <summary>Name, value, and why.</summary>
    public static IReadOnlyList<EngineVariable> Variables { get; } =
    [
        new("VIPS_WARNING", "1", "Its presence silences warnings on standard error, such as four for every AVIF."),
        new("VIPS_BLOCK_UNTRUSTED", "1", "Loaders that are not made for hostile files are blocked from the first moment."),
        new("VIPS_CONCURRENCY", "1", "One thread per job; the jobs themselves run side by side, in processes."),
        new("VIPS_DISC_THRESHOLD", "1g", "Pictures stay in memory, which the process has a limit for, instead of going to a file."),
        new("MALLOC_ARENA_MAX", "2", "Keeps glibc from holding freed memory in an arena per thread."),
        new("G_SLICE", "always-malloc", "GLib before 2.76 keeps freed pieces otherwise."),
        new("LC_ALL", "C.UTF-8", "Numbers in profiles and fonts are written with a point, and names are UTF-8."),
    ];

    /// <summary>Those that name a private folder which the process may write to: what libvips does not keep in memory, and what
    /// fontconfig remembers of the system's fonts.</summary>
    public static IReadOnlyList<string> Folders { get; } = ["TMPDIR", "XDG_CACHE_HOME"];
}

/// <summary>One variable of a worker's environment.</summary>
public sealed record EngineVariable(string Name, string Value, string Reason);
