using System.Text.RegularExpressions;
using OssProxy.Tests.Architecture;

namespace OssProxy.Tests.Clients;

/// <summary>The module by itself, and what is shown of it.</summary>
public sealed partial class ModuleSpecs
{
    private const int MostLines = 350;

    private static string Module => SourceTree.Read("clients/" + ClientKit.Module);

    private static IReadOnlyList<string> Examples { get; } =
        [.. SourceTree.Files.Where(file => file.StartsWith("clients/examples/", StringComparison.Ordinal))];

    [Fact]
    public async Task The_table_of_what_is_tried_again_and_what_is_told_holds()
    {
        var output = await ClientKit.RunAsync("node", ["--test", ClientKit.Script("table.test.mjs")]);

        output.Should().MatchRegex("(?m)^. pass [1-9]").And.MatchRegex("(?m)^. fail 0$");
    }

    [Fact]
    public void The_compilers_of_mini_programs_understand_it()
    {
        // Newer than ES2018, or not there at all.
        Newer().Matches(Module).Select(match => match.Value).Should().BeEmpty();
        Newer().IsMatch("a?.b").Should().BeTrue();
        Imports().IsMatch(Module).Should().BeFalse("one file is all that has to be copied");
        Module.Count(letter => letter == '\n').Should().BeLessThanOrEqualTo(MostLines);
    }

    [Fact]
    public void Every_snippet_that_is_shown_is_part_of_an_example()
    {
        var regions = Examples.SelectMany(file => Region().Matches(SourceTree.Read(file)).Select(match => match.Groups["code"].Value)).ToList();
        regions.Should().HaveCountGreaterThanOrEqualTo(Examples.Count, "an example shows something");
        var shown = new[] { "README.md", "README.en.md", "clients/README.md" }
            .ToDictionary(file => file, file => Snippet().Matches(SourceTree.Read(file)).Select(match => match.Groups["code"].Value).ToList());

        shown["clients/README.md"].Should().BeEquivalentTo(regions, "the kit's own document shows all of them");
        foreach (var readme in new[] { "README.md", "README.en.md" })
        {
            shown[readme].Where(code => code.Contains("createUploader", StringComparison.Ordinal)).Should().NotBeEmpty(readme)
                .And.BeSubsetOf(regions, readme);
        }
    }

    [Fact]
    public void Every_example_is_run_by_a_test()
    {
        var tests = string.Concat(SourceTree.Files.Where(file => file.StartsWith("OssProxy.Tests/Clients/", StringComparison.Ordinal)).Select(SourceTree.Read));

        Examples.Select(file => Path.GetFileName(file)!).Where(name => !tests.Contains($"{name}", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [GeneratedRegex(@"\?\.[a-zA-Z(\[]|\?\?|catch \{|\*\*=|\.(flat|flatMap|fromEntries|matchAll|replaceAll|allSettled|at)\(|#[a-z]\w*\(|\bawait import\b|globalThis", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Newer();

    [GeneratedRegex(@"^import |\brequire\(", RegexOptions.Multiline, 1000)]
    private static partial Regex Imports();

    [GeneratedRegex(@">>> (?<name>[a-z-]+)( -->)?\n(?<code>.*?)(// |# |<!-- )<<< \k<name>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Region();

    [GeneratedRegex("```(js|html|bash)\\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Snippet();
}
