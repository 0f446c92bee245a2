using System.Reflection;
using System.Text.RegularExpressions;

namespace OssProxy.Tests.Architecture;

/// <summary>Who may look at whom. The table is the one of docs/architecture.md.</summary>
public sealed class RoomSpecs
{
    private static readonly Dictionary<string, string[]> MayLookAt = new(StringComparer.Ordinal)
    {
        ["Uploads"] = ["FileTypes", "Streams", "Transfers", "Storage", "Records", "Images", "Rendering"],
        ["FileTypes"] = ["Streams"],
        ["Transfers"] = ["Streams", "Storage"],
        ["Streams"] = [],
        ["Storage"] = ["Streams"],
        ["Http"] = [],
        ["QrCodes"] = ["Images", "Rendering", "Storage"],
        ["Videos"] = ["Images", "Rendering", "Storage", "FileTypes"],
        ["Oss"] = ["Http", "Storage", "Streams"],
        ["Sts"] = ["Http", "Oss"],
        ["Records"] = ["Storage"],
        ["Reconciliation"] = ["Records", "Storage"],
        ["Grants"] = ["Http", "Oss", "Sts", "Uploads", "Records", "Storage", "Streams", "FileTypes"],
        ["Goods"] = ["Grants", "Records", "Storage"],
        ["Identity"] = ["Http", "Records"],
        ["Images"] = [],
        ["Rendering"] = ["Images"],
        ["Derivatives"] = ["Images", "Rendering", "Oss", "Records", "Storage", "Streams"],
    };

    // The one file of Core that stands in no room.
    private const string Registration = "OssProxy.Core/OssProxyRegistration.cs";

    [Fact]
    public void Rooms_look_only_where_they_may() => Intrusions(SourceTree.Of("OssProxy.Core")).Should().BeEmpty();

    [Fact]
    public void An_intrusion_is_noticed()
    {
        var peeping = new SourceFile("OssProxy.Core/Storage/Disk/Peeping.cs", "using OssProxy.Core.Uploads;");
        var allowed = new SourceFile("OssProxy.Core/Oss/Allowed.cs", "using OssProxy.Core.Storage; using OssProxy.Core.Oss;");
        var unknown = new SourceFile("OssProxy.Core/Attic/Box.cs", "");
        var loose = new SourceFile("OssProxy.Core/Loose.cs", "");
        var joining = new SourceFile(Registration, "using OssProxy.Core.Uploads; using OssProxy.Core.Oss;");

        Intrusions([peeping, allowed, unknown, loose, joining]).Should().Equal(
            "OssProxy.Core/Storage/Disk/Peeping.cs looks at Uploads",
            "OssProxy.Core/Attic/Box.cs stands in a room that the table does not have",
            "OssProxy.Core/Loose.cs stands in no room");
    }

    [Fact]
    public void The_document_shows_the_same_table()
    {
        var rows = MarkdownTable.Rows(SourceTree.Read("docs/architecture.md")).Where(row => row.Count == 3);
        var documented = rows
            .Where(row => MayLookAt.ContainsKey(row[0].Trim('`')))
            .ToDictionary(row => row[0].Trim('`'), row => Regex.Matches(row[2], "[A-Z][A-Za-z]+", RegexOptions.None, TimeSpan.FromSeconds(1))
                .Select(match => match.Value).ToArray(), StringComparer.Ordinal);

        documented.Should().BeEquivalentTo(MayLookAt);
    }

    [Fact]
    public void No_namespace_is_imported_behind_the_back_of_a_file()
    {
        SourceTree.CSharp
            .Where(file => SourceTree.Products.Contains(file.Project))
            .Where(file => Regex.IsMatch(file.Code, @"\bglobal\s+using\b", RegexOptions.None, TimeSpan.FromSeconds(10)))
            .Select(file => file.Path).Should().BeEmpty();
        SourceTree.Products.Where(project => ProjectFile(project).Contains("<Using ", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public void Core_knows_nothing_of_http_servers()
    {
        SourceTree.Of("OssProxy.Core").Where(file => file.Names("Microsoft.AspNetCore")).Select(file => file.Path).Should().BeEmpty();
        Assembly.Load("OssProxy.Core").GetReferencedAssemblies().Select(name => name.Name)
            .Should().NotContain(name => name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal))
            .And.NotContain(name => name!.StartsWith("OssProxy.", StringComparison.Ordinal));
    }

    [Fact]
    public void The_emulator_references_nothing_of_ours()
    {
        ProjectFile("OssProxy.Emulator").Should().NotContain("<ProjectReference").And.NotContain("<Compile Include");
        SourceTree.Of("OssProxy.Emulator")
            .Where(file => Regex.IsMatch(file.Code, @"\bOssProxy\s*\.\s*(?!Emulator\b)", RegexOptions.None, TimeSpan.FromSeconds(10)))
            .Select(file => file.Path).Should().BeEmpty();
    }

    [Fact]
    public void Only_the_api_and_the_tests_use_the_emulator()
    {
        SourceTree.CSharp
            .Where(file => file.Project is not ("OssProxy.Api" or "OssProxy.Tests" or "OssProxy.Emulator"))
            .Where(file => file.Names("OssProxy.Emulator"))
            .Select(file => file.Path).Should().BeEmpty();
        SourceTree.Files
            .Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(file => SourceTree.Read(file).Contains("OssProxy.Emulator.csproj", StringComparison.Ordinal))
            .Should().BeEquivalentTo("OssProxy.Api/OssProxy.Api.csproj", "OssProxy.Tests/OssProxy.Tests.csproj");
    }

    [Fact]
    public void A_namespace_is_its_folder() => Misplaced(SourceTree.CSharp).Should().BeEmpty();

    [Fact]
    public void A_misplaced_namespace_is_noticed() =>
        Misplaced([
            new SourceFile("OssProxy.Core/Oss/A.cs", "namespace OssProxy.Core.Storage;"),
            new SourceFile("OssProxy.Core/Oss/B.cs", "class B;"),
            new SourceFile("OssProxy.Core/Oss/C.cs", "namespace OssProxy.Core.Oss;"),
            new SourceFile("OssProxy.Api/Program.cs", "return 0;"),
        ]).Should().Equal("OssProxy.Core/Oss/A.cs", "OssProxy.Core/Oss/B.cs");

    private static IEnumerable<string> Intrusions(IEnumerable<SourceFile> core)
    {
        foreach (var file in core)
        {
            if (file.Room.Length == 0)
            {
                if (file.Path != Registration)
                    yield return $"{file.Path} stands in no room";
            }
            else if (!MayLookAt.TryGetValue(file.Room, out var allowed))
            {
                yield return $"{file.Path} stands in a room that the table does not have";
            }
            else
            {
                foreach (var room in file.RoomsUsed("OssProxy.Core", MayLookAt.Keys).Except(allowed).Where(room => room != file.Room))
                    yield return $"{file.Path} looks at {room}";
            }
        }
    }

    // Program.cs holds statements, which stand in no namespace.
    private static IEnumerable<string> Misplaced(IEnumerable<SourceFile> files) => files
        .Where(file => !file.Path.EndsWith("/Program.cs", StringComparison.Ordinal) || file.Namespaces.Any())
        .Where(file => !file.Namespaces.SequenceEqual([file.ExpectedNamespace]))
        .Select(file => file.Path);

    private static string ProjectFile(string project) => SourceTree.Read($"{project}/{project}.csproj");
}
