using System.Text;
using OssProxy.Core.Http;

namespace OssProxy.Tests.Http;

public sealed class RequestHeadSpecs
{
    [Fact]
    public void A_head_is_its_lines_in_the_order_in_which_they_came()
    {
        var head = new RequestHead("PUT", "/a%20b?c", "h:9100");
        head.Add("x-oss-meta-a", "b c~");
        head.Add("Empty", "");
        head.AddBody(5);

        Encoding.ASCII.GetString(head.ToBytes()).Should().Be(
            "PUT /a%20b?c HTTP/1.1\r\nHost: h:9100\r\nx-oss-meta-a: b c~\r\nEmpty: \r\nContent-Length: 5\r\n\r\n");
        head.Should().BeEquivalentTo(new { IsHead = false, IsChunked = false });
    }

    [Fact]
    public void A_body_of_unknown_length_goes_in_chunks()
    {
        var head = Talk.Put(null);

        Encoding.ASCII.GetString(head.ToBytes()).Should().Be("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        head.IsChunked.Should().BeTrue();
        Talk.Head("HEAD").IsHead.Should().BeTrue();
    }

    [Theory]
    [InlineData("a\r\nx-oss-object-acl: public-read")]
    [InlineData("a\nb")]
    [InlineData("a\r")]
    [InlineData("a\0")]
    [InlineData("a\tb")]
    [InlineData("\u007f")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("\u00e9")]
    [InlineData("图")]
    [InlineData("\u010d\u010a")]
    public void A_value_that_cannot_be_carried_is_refused(string value)
    {
        var add = () => Talk.Head().Add("A", value);

        add.Should().Throw<ArgumentException>().WithMessage("The header A *");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a: b\r\nx-oss-object-acl")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("a(b)")]
    [InlineData("\u00e9")]
    [InlineData("图")]
    public void A_name_that_is_none_is_refused(string name)
    {
        var add = () => Talk.Head().Add(name, "b");

        add.Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("GET /b", "/a", "h")]
    [InlineData("GET\r\n", "/a", "h")]
    [InlineData("", "/a", "h")]
    [InlineData("GET", "", "h")]
    [InlineData("GET", "/a b", "h")]
    [InlineData("GET", "/a HTTP/1.1\r\nA: b", "h")]
    [InlineData("GET", "/图", "h")]
    [InlineData("GET", "/a", "h\r\nA: b")]
    [InlineData("GET", "/a", "h h")]
    public void A_request_line_that_would_be_read_otherwise_is_refused(string method, string target, string host)
    {
        var make = () => new RequestHead(method, target, host);

        make.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void A_length_below_nothing_is_refused()
    {
        var put = () => Talk.Put(-1);

        put.Should().Throw<ArgumentOutOfRangeException>();
    }
}
