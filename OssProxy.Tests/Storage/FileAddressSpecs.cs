using OssProxy.Core.Storage;

namespace OssProxy.Tests.Storage;

/// <summary>Addresses are compared whole: what only looks like one of ours leads nowhere.</summary>
public sealed class FileAddressSpecs
{
    private const string Here = "http://localhost:7001";

    private static readonly ObjectLinks Links = new("https://img.example.com/shop");

    [Theory]
    [InlineData("uploads/7/1732-a.jpg")]
    [InlineData("a b+c%20d~e.txt")]
    [InlineData("图片/照片 1.jpg")]
    [InlineData("images/😀/é.png")]
    [InlineData("qx=1&y#z?.txt")]
    [InlineData("a;b=c,d'e(f)!$@[]{}^`.bin")]
    [InlineData(@"a\b")]
    public void Every_link_is_read_back(string path)
    {
        var key = ObjectKey.Parse(path);

        KeyOf(Links, Links.For(key)).Should().Be(key.Value);
    }

    [Theory]
    [InlineData("https://img.example.com/shop/a.jpg")]
    [InlineData("HTTPS://IMG.Example.com/shop/a.jpg")]
    [InlineData("https://img.example.com:443/shop/a.jpg")]
    [InlineData("https://img.example.com:/shop/a.jpg")]
    [InlineData("https://img.example.com/shop/a.jpg?x-oss-process=image/resize,w_1")]
    [InlineData("https://img.example.com/shop/a.jpg#top")]
    [InlineData("https://img.example.com/%73hop/%61.jpg")]
    [InlineData("https://img.example.com/shop%2Fa.jpg")]
    public void The_same_address_may_be_written_in_several_ways(string text) => KeyOf(Links, text).Should().Be("a.jpg");

    [Theory]
    [InlineData("https://img.example.com.evil.example/shop/a.jpg")]
    [InlineData("https://img.example.com@evil.example/shop/a.jpg")]
    [InlineData("https://@img.example.com/shop/a.jpg")]
    [InlineData("https://user:pass@img.example.com/shop/a.jpg")]
    [InlineData(@"https://img.example.com\@evil.example/shop/a.jpg")]
    [InlineData(@"https://evil.example\.img.example.com/shop/a.jpg")]
    [InlineData("https://img.example.com./shop/a.jpg")]
    [InlineData("https://img.example.com:444/shop/a.jpg")]
    [InlineData("https://img.example.com:443:443/shop/a.jpg")]
    [InlineData("https://img.example.com:0443x/shop/a.jpg")]
    [InlineData("https://img.example.com:65979/shop/a.jpg")]
    [InlineData("http://img.example.com/shop/a.jpg")]
    [InlineData("ftp://img.example.com/shop/a.jpg")]
    [InlineData("https:/img.example.com/shop/a.jpg")]
    [InlineData("https://img.example.com%2Fshop/a.jpg")]
    [InlineData("https://img.example.com?/shop/a.jpg")]
    [InlineData("https://img.example.com#/shop/a.jpg")]
    [InlineData(" https://img.example.com/shop/a.jpg")]
    [InlineData("https:// img.example.com/shop/a.jpg")]
    [InlineData("//img.example.com/shop/a.jpg")]
    [InlineData("https://img.example.com/shopping/a.jpg")]
    [InlineData("https://img.example.com/Shop/a.jpg")]
    [InlineData("https://img.example.com//shop/a.jpg")]
    [InlineData("https://img.example.com/shop//a.jpg")]
    [InlineData("https://img.example.com/shop/../shop/a.jpg")]
    [InlineData("https://img.example.com/shop/%2e%2E/a.jpg")]
    [InlineData("https://img.example.com/shop/a%00.jpg")]
    [InlineData("https://img.example.com/shop/a%FF.jpg")]
    [InlineData("https://img.example.com/shop/a%2")]
    [InlineData("https://img.example.com/shop/a%zz.jpg")]
    [InlineData("https://img.example.com/shop/")]
    [InlineData("https://img.example.com/shop")]
    [InlineData("https://img.example.com")]
    [InlineData("https://")]
    [InlineData("/shop/a.jpg")]
    [InlineData("a.jpg")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public void An_address_that_is_none_of_ours_leads_nowhere(string text) => KeyOf(Links, text).Should().BeNull();

    [Theory]
    [InlineData("/public/uploads/a.jpg", true)]
    [InlineData("http://localhost:7001/public/uploads/a.jpg", true)]
    [InlineData("http://localhost:7002/public/uploads/a.jpg", false)]
    [InlineData("http://localhost/public/uploads/a.jpg", false)]
    [InlineData("//localhost:7001/public/uploads/a.jpg", false)]
    [InlineData("/public/uploadsa.jpg", false)]
    public void A_base_without_a_host_is_on_this_server(string text, bool ours) =>
        KeyOf(new ObjectLinks("/public/uploads"), text).Should().Be(ours ? "a.jpg" : null);

    private static string? KeyOf(ObjectLinks links, string text) =>
        FileAddress.TryParse(text, out var address) ? links.KeyOf(address, Here)?.Value : null;
}
