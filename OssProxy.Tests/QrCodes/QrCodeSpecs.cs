using OssProxy.Core.QrCodes;

namespace OssProxy.Tests.QrCodes;

/// <summary>Codes are read by somebody else's reader.</summary>
public sealed class QrCodeSpecs
{
    [Theory]
    [InlineData("https://example.com/#/pages/a?x=1&y=2", QrLevel.Low)]
    [InlineData("""{"id":33,"name":"睿晨网技术群 😀"}""", QrLevel.High)]
    [InlineData("0123456789", QrLevel.Medium)]
    public async Task A_code_says_what_it_was_given(string text, QrLevel level)
    {
        var code = QrCode.Of(new QrRequest(text) { Level = level });

        code.Side.Should().Be((code.Modules + 8) * 10);
        QrReader.Read(await QrReader.PixelsAsync(code.ToPng(), code.Side), code.Side).Should().Be(text);
        QrReader.Read(QrReader.Fill(code.ToSvg(), code.Side), code.Side).Should().Be(text);
    }

    [Theory]
    [InlineData(300, 4)]
    [InlineData(64, 0)]
    [InlineData(1001, 16)]
    public async Task A_picture_has_the_size_that_was_asked_for_and_whole_modules(int size, int margin)
    {
        var code = QrCode.Of(new QrRequest("https://example.com") { Size = size, Margin = margin });

        var pixels = await QrReader.PixelsAsync(code.ToPng(), size);
        pixels.Should().OnlyContain(pixel => pixel == 0 || pixel == 255);
        QrReader.Fill(code.ToSvg(), size).Should().Equal(pixels);
        var first = Array.IndexOf(pixels, (byte)0);
        var module = size / (code.Modules + (2 * margin));
        (first % size, first / size).Should().Be(((size - (code.Modules * module)) / 2, (size - (code.Modules * module)) / 2));
        if (margin > 0)
            QrReader.Read(pixels, size).Should().Be("https://example.com");
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        QrError ErrorOf(QrRequest request) => FluentActions.Invoking(() => QrCode.Of(request)).Should().Throw<QrException>().Which.Error;

        ErrorOf(new QrRequest("")).Should().Be(QrError.QrTextUnfit);
        ErrorOf(new QrRequest(new string('x', 1001))).Should().Be(QrError.QrTextUnfit);
        ErrorOf(new QrRequest(new string('汉', 334))).Should().Be(QrError.QrTextUnfit);
        ErrorOf(new QrRequest(new string('x', 1000)) { Size = 100 }).Should().Be(QrError.QrSizeUnfit);
        ErrorOf(new QrRequest(new string('x', 1000)) { Module = 40 }).Should().Be(QrError.QrSizeUnfit);
        QrCode.Of(new QrRequest(new string('x', 1000)) { Level = QrLevel.High, Module = 5 }).Modules.Should().BeGreaterThan(100);
    }

    [Fact]
    public void A_code_of_a_chat_says_what_its_clients_know()
    {
        var group = new ChatCode("33") { Name = "睿晨网技术群" };
        var page = group with { Http = "http://192.168.2.6:8081/" };

        group.Text().Should().Be("""{"id":33,"name":"睿晨网技术群"}""");
        page.Text().Should().Be("http://192.168.2.6:8081/#/pages/setpageInfo/setpageInfo?action=autoAddGroup"
            + "&title=%E7%BE%A4%E4%BB%8B%E7%BB%8D&id=33&chatType=group&name=睿晨网技术群");
        (page with { IsSingle = true, Action = "autoAddUser", Avatar = "/a b.png" }).Text().Should().EndWith(
            "?action=autoAddUser&title=%E7%BE%A4%E4%BB%8B%E7%BB%8D&id=33&chatType=single&name=睿晨网技术群&avatar=%2Fa%20b.png");
        new ChatCode("a\"b") { Name = "</x>\n" }.Text().Should().Be("""{"id":"a\"b","name":"</x>\n"}""");
    }
}
