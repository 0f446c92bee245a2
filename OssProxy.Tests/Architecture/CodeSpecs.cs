using System.Text.RegularExpressions;

namespace OssProxy.Tests.Architecture;

/// <summary>What no C# file may hold, and what none may be called.</summary>
public sealed class CodeSpecs
{
    private static readonly string[] BannedWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Impl"];

    private static readonly string[] BannedFolders =
        ["Common", "Shared", "Infrastructure", "Helpers", "Extensions", "Models", "Services", "Utils"];

    private const int MostLines = 350;

    [Fact]
    public void No_method_is_async_void() =>
        Holding(SourceTree.CSharp, file => file.Code, @"\basync\s+void\b").Should().BeEmpty();

    [Fact]
    public void No_test_is_skipped() =>
        Holding(SourceTree.Of("OssProxy.Tests"), file => file.Code, @"\bSkip\s*=").Should().BeEmpty();

    [Fact]
    public void Nothing_is_left_for_later()
    {
        Holding(SourceTree.CSharp, file => file.CodeAndComments, @"\b(TO" + "DO|FIX" + @"ME|HACK)\b").Should().BeEmpty();
        Holding(SourceTree.CSharp, file => file.Code, @"\bNotImplementedException\b").Should().BeEmpty();
    }

    [Fact]
    public void What_is_forbidden_is_noticed()
    {
        SourceFile[] files = [new("OssProxy.Core/Oss/A.cs", "a();\nprivate async  void B() // TO\n")];

        Holding(files, file => file.Code, @"\basync\s+void\b").Should().Equal("OssProxy.Core/Oss/A.cs:2");
        Holding(files, file => file.CodeAndComments, @"\bTO\b").Should().Equal("OssProxy.Core/Oss/A.cs:2");
        Holding(files, file => file.Code, @"\bTO\b").Should().BeEmpty();
    }

    [Fact]
    public void Names_say_what_a_type_is() =>
        SourceTree.CSharp
            .SelectMany(file => file.Types.Where(HasBannedWord).Select(type => $"{file.Path}: {type}"))
            .Should().BeEmpty();

    [Theory]
    [InlineData("UploadManager", true)]
    [InlineData("UploadHelperSpecs", true)]
    [InlineData("IOUtils", true)]
    [InlineData("StoreImpl", true)]
    [InlineData("Implicit", false)]
    [InlineData("Utilization", false)]
    [InlineData("Managerial", false)]
    public void A_banned_name_is_noticed(string name, bool banned) => HasBannedWord(name).Should().Be(banned);

    [Fact]
    public void Folders_have_a_subject() =>
        SourceTree.CSharp
            .Where(file => file.Path.Split('/')[..^1].SelectMany(folder => folder.Split('.')).Intersect(BannedFolders).Any())
            .Select(file => file.Path).Should().BeEmpty();

    [Fact]
    public void A_file_can_be_read_in_one_sitting() =>
        SourceTree.CSharp
            .Where(file => SourceTree.Products.Contains(file.Project) && file.Lines > MostLines)
            .Select(file => $"{file.Path}: {file.Lines} lines").Should().BeEmpty();

    // The words of a name in PascalCase, an abbreviation counting as one: IOUtils is IO and Utils.
    private static bool HasBannedWord(string name) =>
        Regex.Split(name, @"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Intersect(BannedWords).Any();

    private static IEnumerable<string> Holding(IEnumerable<SourceFile> files, Func<SourceFile, string> view, string pattern)
    {
        foreach (var file in files)
        {
            var text = view(file);
            foreach (Match match in Regex.Matches(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(10)))
                yield return $"{file.Path}:{text.AsSpan(0, match.Index).Count('\n') + 1}";
        }
    }
}
