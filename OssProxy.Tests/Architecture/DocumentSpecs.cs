using System.Reflection;
using System.Text.RegularExpressions;

namespace OssProxy.Tests.Architecture;

/// <summary>What is written down is true: every setting, every error code, every link.</summary>
public sealed class DocumentSpecs
{
    private static readonly string[] Documents =
        [.. SourceTree.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))];

    [Fact]
    public void Every_setting_is_documented_with_its_default() =>
        DocumentedOptions.Complaints(DocumentedOptions.Types, SourceTree.Read("docs/configuration.md")).Should().BeEmpty();

    [Fact]
    public void Only_settings_that_exist_are_recommended()
    {
        var known = DocumentedOptions.Settings(DocumentedOptions.Types).Keys;
        var texts = Documents.Concat(["docker-compose.yml", "Dockerfile", "docs/requests.http"]);

        texts.SelectMany(file => DocumentedOptions.UnknownKeys(known, SourceTree.Read(file)).Select(key => $"{file}: {key}"))
            .Should().BeEmpty();
    }

    [Fact]
    public void A_wrong_table_of_settings_is_noticed() =>
        DocumentedOptions.Complaints([typeof(LampOptions)], """
            | key | default | meaning |
            | --- | --- | --- |
            | `Lamp:Watts` | `40` (bright) | `Serilog:MinimumLevel` is not ours |
            | `Lamp:Warm` | `no` | |
            | `Lamp:Delay` | `00:00:02` | |
            | `Lamp:Colours` | `red`, `green` | |
            | `Lamp:Inner:Gas` | | |
            | `Lamp:Volts` | | |
            """ + "\nSet Lamp__Shade or Lamp__Colours__0.").Should().BeEquivalentTo(
            "Lamp:Warm is shown with the default `no`, but it is true",
            "Lamp:Name has no row",
            "Lamp:Volts does not exist",
            "Lamp:Shade does not exist");

    [Fact]
    public void Every_error_code_is_documented() =>
        ErrorComplaints(
            new[] { "OssProxy.Core", "OssProxy.Api" }.SelectMany(project => Assembly.Load(project).GetTypes())
                .Where(type => type.IsEnum && type.Name.EndsWith("Error", StringComparison.Ordinal)),
            SourceTree.Read("docs/errors.md")).Should().BeEmpty();

    [Fact]
    public void A_wrong_table_of_errors_is_noticed() =>
        ErrorComplaints([typeof(LampError)], """
            | errorCode | HTTP |
            | --- | --- |
            | `Broken` | 500 |
            | `Stolen` | 403 |
            """).Should().BeEquivalentTo("Missing has no row", "Stolen does not exist");

    [Fact]
    public void Links_between_documents_lead_somewhere() =>
        Documents.SelectMany(file => DeadLinks(file, SourceTree.Read(file))).Should().BeEmpty();

    [Fact]
    public void A_dead_link_is_noticed() =>
        DeadLinks("docs/some.md", "[a](../OssProxy.sln) [b](gone.md#part) [c](https://example.com/x) [d](#here) ![e](../docs/none.png)")
            .Should().Equal("docs/some.md: gone.md", "docs/some.md: ../docs/none.png");

    private static IEnumerable<string> ErrorComplaints(IEnumerable<Type> errors, string markdown)
    {
        var codes = errors.SelectMany(Enum.GetNames).ToHashSet(StringComparer.Ordinal);
        var rows = MarkdownTable.Rows(markdown)
            .Select(row => Regex.Match(row[0], "^`(?<code>[A-Z][A-Za-z]+)`$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["code"].Value)
            .Where(code => code.Length > 0).ToHashSet(StringComparer.Ordinal);
        return codes.Except(rows).Select(code => $"{code} has no row").Concat(rows.Except(codes).Select(code => $"{code} does not exist"));
    }

    private static IEnumerable<string> DeadLinks(string file, string markdown) =>
        from match in Regex.Matches(markdown, @"\]\((?<target>[^)\s#]+)(#[^)\s]*)?\)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10))
        let target = match.Groups["target"].Value
        where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
        where !Path.Exists(Path.Combine(SourceTree.Root, Path.GetDirectoryName(file)!, Uri.UnescapeDataString(target)))
        select $"{file}: {target}";

    private enum LampError
    {
        Broken,
        Missing,
    }

    private sealed class LampOptions
    {
        public const string Section = "Lamp";

        public int Watts { get; set; } = 40;

        public bool Warm { get; set; } = true;

        public string Name { get; set; } = "";

        public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(2);

        public IReadOnlyList<string> Colours { get; set; } = ["red", "green"];

        public Bulb Inner { get; set; } = new();

        public TimeProvider Clock { get; set; } = TimeProvider.System;

        public int Computed => Watts * 2;
    }

    private sealed class Bulb
    {
        public string? Gas { get; set; }
    }
}
