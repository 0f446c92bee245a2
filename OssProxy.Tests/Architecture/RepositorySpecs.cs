using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OssProxy.Tests.Architecture;

/// <summary>What holds for every file, whatever its language.</summary>
public sealed class RepositorySpecs
{
    // Written in pieces, or this file would find itself.
    private static readonly string[] Places =
        ["/wo" + "rk/", "/ro" + "ot/", "/tmp/" + "wt", "/home/" + "[a-z]", @"[A-Z]:\\Us" + "ers"];

    private static readonly string[] Registries =
        ["nu" + "get" + @"\.org", @"npm" + @"js\.(?:org|com)", "npm" + @"mirror\.com", "pypi" + @"\.org"];

    [Fact]
    public void No_file_names_a_machine_or_a_registry() =>
        SourceTree.Files.SelectMany(file => Traces(file, SourceTree.Read(file))).Should().BeEmpty();

    [Fact]
    public void A_trace_of_a_machine_is_noticed() =>
        Traces("a.txt", "fine\nat /ro" + "ot/x\nfrom https://api.nu" + "get.org/v3\n").Should().Equal("a.txt:2", "a.txt:3");

    [Fact]
    public void Packages_have_one_exact_version_each() =>
        LooseVersions(SourceTree.Files
            .Where(file => Path.GetExtension(file) is ".csproj" or ".props" or ".targets")
            .Select(file => XDocument.Parse(SourceTree.Read(file)))).Should().BeEmpty();

    [Fact]
    public void A_loose_version_is_noticed() =>
        LooseVersions([XDocument.Parse("""
            <Project>
              <PackageVersion Include="A" Version="1.2.3" />
              <PackageVersion Include="B" Version="1.*" />
              <PackageVersion Include="C" Version="[1.2.3,2.0.0)" />
              <PackageVersion Include="A" Version="1.2.4" />
              <PackageVersion Include="FluentAssertions" Version="8.0.0" />
              <PackageReference Include="D" Version="1.2.3" />
              <PackageReference Include="A" VersionOverride="1.2.3" />
            </Project>
            """)]).Should().BeEquivalentTo("A twice", "B 1.*", "C [1.2.3,2.0.0)", "D outside of the central list",
            "A outside of the central list", "FluentAssertions 8 and later need a paid licence");

    [Fact]
    public void The_scripts_can_be_run() =>
        new[] { "test.sh", ".ci/run", "bench/run.sh" }
            .Where(file => !OperatingSystem.IsWindows() && !File.GetUnixFileMode(Path.Combine(SourceTree.Root, file)).HasFlag(UnixFileMode.UserExecute))
            .Should().BeEmpty();

    private static IEnumerable<string> Traces(string file, string text)
    {
        var pattern = $"(?:^|[^A-Za-z0-9._-])(?:{string.Join('|', Places)})|(?:{string.Join('|', Registries)})";
        return Regex.Matches(text, pattern, RegexOptions.Multiline, TimeSpan.FromSeconds(30))
            .Select(match => $"{file}:{text.AsSpan(0, match.Index + match.Length).Count('\n') + 1}");
    }

    private static IEnumerable<string> LooseVersions(IEnumerable<XDocument> projects)
    {
        var elements = projects.SelectMany(project => project.Descendants()).ToList();
        var pinned = elements.Where(element => element.Name.LocalName == "PackageVersion")
            .Select(element => (Name: (string?)element.Attribute("Include"), Version: (string?)element.Attribute("Version") ?? "")).ToList();

        foreach (var (name, version) in pinned)
        {
            if (!Regex.IsMatch(version, @"^\d+\.\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)))
                yield return $"{name} {version}";
            else if (name == "FluentAssertions" && Version.Parse(version).Major >= 8)
                yield return "FluentAssertions 8 and later need a paid licence";
        }

        foreach (var twice in pinned.GroupBy(package => package.Name).Where(group => group.Count() > 1))
            yield return $"{twice.Key} twice";

        foreach (var reference in elements.Where(element => element.Name.LocalName == "PackageReference"))
        {
            if (reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null)
                yield return $"{(string?)reference.Attribute("Include")} outside of the central list";
        }
    }
}
