using System.Buffers;
using System.Text;
using OssProxy.Api.Library;

namespace OssProxy.Tests.Api.Library;

public sealed class ExportFormatSpecs
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a\r\nb", "\"a\r\nb\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("＝1", "'＝1")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    public void A_cell_is_quoted_where_it_must_be_and_never_a_formula(string name, string cell) =>
        Csv(name).Should().Be($"7,0,{cell},,/a.png,,image/png,12,,,-5,1,,admin,link,,,,T,U,\r\n");

    private static string Csv(string name)
    {
        var writer = new ArrayBufferWriter<byte>();
        ExportFormat.Find("csv")!.Write(
            new ConsoleImage(
                7, "/a.png", name, "", 0, "T", "U", -5, 1, 12, "image/png", null, null, null, "", "admin", "link", "", null, null, null, null),
            writer);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
