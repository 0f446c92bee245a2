using System.Runtime.CompilerServices;

namespace OssProxy.Tests.Architecture;

/// <summary>The working tree that these tests were built from, as files.</summary>
internal static class SourceTree
{
    // What .gitignore leaves out: none of it is ours.
    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal)
    {
        ".git", ".idea", ".vs", "BenchmarkDotNet.Artifacts", "TestResults", "bin", "data", "node_modules", "obj",
    };

    /// <summary>The projects that are shipped; tests and benchmarks are read by fewer rules.</summary>
    public static IReadOnlyList<string> Products { get; } = ["OssProxy.Core", "OssProxy.Api", "OssProxy.Emulator"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file of the repository as a path from <see cref="Root"/>, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Walk(Root).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>Every C# file of the repository.</summary>
    public static IReadOnlyList<SourceFile> CSharp { get; } =
        [.. Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Select(file => new SourceFile(file, Read(file)))];

    /// <summary>The C# files of one project.</summary>
    public static IEnumerable<SourceFile> Of(string project) => CSharp.Where(file => file.Project == project);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            // In a linked worktree .git is a file.
            if (!Ignored.Contains(Path.GetFileName(file)))
                yield return file;
        }

        foreach (var inner in Directory.EnumerateDirectories(folder).Where(inner => !Ignored.Contains(Path.GetFileName(inner))))
        {
            foreach (var file in Walk(inner))
                yield return file;
        }
    }

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        // Deterministic builds may rewrite the path of a source file; the folder of the test assembly always lies in the tree.
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(thisFile) })
        {
            for (var folder = start is null ? null : new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "OssProxy.sln")))
                    return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not lie under the folder of OssProxy.sln.");
    }
}
