namespace OssProxy.Tests.Architecture;

public sealed class CSharpTextSpecs
{
    [Theory]
    [InlineData("a(); // b", "a();")]
    [InlineData("a(); /* b\nb */ c();", "a();\n     c();")]
    [InlineData("/// <see cref=\"b\"/>\na();", "\na();")]
    [InlineData("a(\"b // b\"); c();", "a(        ); c();")]
    [InlineData("a(\"b\\\"b\"); c();", "a(      ); c();")]
    [InlineData("a(@\"b\\\"); c();", "a(     ); c();")]
    [InlineData("a(@\"b\"\"b\"); c();", "a(       ); c();")]
    [InlineData("a($\"{b}\"); c();", "a(      ); c();")]
    [InlineData("a($@\"{b}\\\"); c();", "a(        ); c();")]
    [InlineData("a(\"\"\"b \"b\" b\"\"\"); c();", "a(             ); c();")]
    [InlineData("a('\"'); c('\\'');", "a(   ); c(    );")]
    [InlineData("a(\"\"); c();", "a(  ); c();")]
    [InlineData("@class = 1;", "@class = 1;")]
    public void Comments_and_literals_are_no_code(string text, string code) =>
        CSharpText.Code(text).Split('\n').Select(line => line.TrimEnd()).Should().Equal(code.Split('\n'));

    [Fact]
    public void Comments_stay_when_they_are_asked_for() =>
        CSharpText.CodeAndComments("a(\"b\"); // c").Should().Be("a(   ); // c");

    [Fact]
    public void Lines_keep_their_numbers() =>
        CSharpText.Code("/*\n\n*/\nvar a = \"\"\"\n  b\n  \"\"\";\nc();").Split('\n')[6].Should().Be("c();");

    [Theory]
    [InlineData("using OssProxy.Core.Records;")]
    [InlineData("using static OssProxy.Core.Records.RecordsError;")]
    [InlineData("using Gone = OssProxy.Core.Records.RecordsException;")]
    [InlineData("global::OssProxy.Core.Records.RecordsError error;")]
    [InlineData("OssProxy.Core.Records.RecordsError error;")]
    [InlineData("Records.RecordsError error;")]
    public void A_room_is_seen_however_it_is_named(string code) =>
        new SourceFile("OssProxy.Core/Oss/Some.cs", code).RoomsUsed("OssProxy.Core", ["Records", "Storage"])
            .Should().Equal("Records");

    [Theory]
    [InlineData("// using OssProxy.Core.Records;")]
    [InlineData("using OssProxy.Core.RecordsOfOthers;")]
    [InlineData("var text = \"OssProxy.Core.Records.RecordsError\";")]
    [InlineData("this.Records.Add(1);")]
    public void A_room_is_not_seen_where_it_is_not_named(string code) =>
        new SourceFile("OssProxy.Core/Oss/Some.cs", code).RoomsUsed("OssProxy.Core", ["Records", "Storage"]).Should().BeEmpty();

    [Fact]
    public void Declared_types_are_found()
    {
        var file = new SourceFile("OssProxy.Core/Oss/Some.cs", """
            namespace OssProxy.Core.Oss;
            public sealed class A;
            internal readonly record struct B(int X);
            public record C;
            public interface D<T> where T : class;
            public enum E { One }
            public delegate Task<int> F(int x);
            // class G
            """);

        file.Types.Should().Equal("A", "B", "C", "D", "E", "F");
        file.Namespaces.Should().Equal("OssProxy.Core.Oss");
        file.ExpectedNamespace.Should().Be("OssProxy.Core.Oss");
        file.Room.Should().Be("Oss");
        file.Lines.Should().Be(8);
    }
}
