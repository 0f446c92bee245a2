using System.Text.RegularExpressions;

namespace OssProxy.Tests.Architecture;

/// <summary>A C# file and what the rules ask of it.</summary>
/// <param name="Path">From the root of the repository, with forward slashes.</param>
/// <param name="Text">Its whole text.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>The project: the first folder of the path.</summary>
    public string Project => Path.Split('/')[0];

    /// <summary>The room: the folder under the project, empty for a file at its root.</summary>
    public string Room => Path.Split('/') is { Length: > 2 } parts ? parts[1] : "";

    /// <summary>The namespace that the folder asks for.</summary>
    public string ExpectedNamespace => Path[..Path.LastIndexOf('/')].Replace('/', '.');

    /// <summary>The text without comments and literals.</summary>
    public string Code { get; } = CSharpText.Code(Text);

    /// <summary>The text without literals.</summary>
    public string CodeAndComments => CSharpText.CodeAndComments(Text);

    public int Lines => Text.Split('\n').Length - (Text.EndsWith('\n') ? 1 : 0);

    /// <summary>The namespaces that the file declares.</summary>
    public IEnumerable<string> Namespaces => NamespacePattern().Matches(Code).Select(match => match.Groups["name"].Value);

    /// <summary>The names of the types that the file declares.</summary>
    public IEnumerable<string> Types => TypePattern().Matches(Code).Select(match => match.Groups["name"].Value);

    /// <summary>The rooms of <paramref name="project"/> that the file names: by <c>using</c>, by full name, or, inside that project, by a
    /// name that starts with the room.</summary>
    public IEnumerable<string> RoomsUsed(string project, IEnumerable<string> rooms)
    {
        var prefix = Project == project ? $@"(?:{Regex.Escape(project)}\s*\.\s*)?" : $@"{Regex.Escape(project)}\s*\.\s*";
        return rooms.Where(room =>
            Regex.IsMatch(Code, $@"(?<![\w.]){prefix}{room}\s*\.\s*[A-Z]", RegexOptions.None, Patience) ||
            Regex.IsMatch(Code, $@"(?<![\w.]){Regex.Escape(project)}\s*\.\s*{room}\s*;", RegexOptions.None, Patience));
    }

    /// <summary>Whether the code names a namespace, or one inside it.</summary>
    public bool Names(string namespaceName) =>
        Regex.IsMatch(Code, $@"(?<![\w.]){Regex.Escape(namespaceName)}(?!\w)", RegexOptions.None, Patience);

    private static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex NamespacePattern();

    [GeneratedRegex(
        @"\b(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?|delegate\s+[\w.<>?,\[\]]+)\s+(?<name>[A-Z]\w*)",
        RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex TypePattern();
}
