using System.Net;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.QrCodes;

/// <summary>QR codes as pages ask for them: by the address of an image.</summary>
public sealed class QrCodeRouteSpecs : ApiSpecs
{
    [Fact]
    public async Task A_code_is_a_picture_that_browsers_keep_and_ask_for_once()
    {
        using var first = await Server.Client.GetAsync("/api/qrcode?text=%E4%BD%A0%E5%A5%BD&size=210&token=" + ApiServer.AdminKey);

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Content.Headers.ContentType!.ToString().Should().Be("image/png");
        first.Headers.CacheControl!.ToString().Should().Be("max-age=31536000, private, immutable");
        QrReader.Read(await QrReader.PixelsAsync(await first.Content.ReadAsByteArrayAsync(), 210), 210).Should().Be("你好");

        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/qrcode?text=%E4%BD%A0%E5%A5%BD&size=210") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var other = new HttpRequestMessage(HttpMethod.Get, "/api/qrcode?text=%E4%BD%A0%E5%A5%BD&size=211") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var kept = await Server.Client.SendAsync(again);
        using var drawn = await Server.Client.SendAsync(other);
        (kept.StatusCode, drawn.StatusCode).Should().Be((HttpStatusCode.NotModified, HttpStatusCode.OK));
    }

    [Fact]
    public async Task The_code_of_a_group_comes_from_the_address_that_chat_clients_know()
    {
        foreach (var (address, said) in new[]
        {
            ("/api/chat/groupQrcode/33?name=%E7%BE%A4", """{"id":33,"name":"群"}"""),
            ("/api/chat/groupQrcode/33?type=H5&http=http%3A%2F%2Fm.example.com%2F&chatType=group&name=%E7%BE%A4",
                "http://m.example.com/#/pages/setpageInfo/setpageInfo?action=autoAddGroup&title=%E7%BE%A4%E4%BB%8B%E7%BB%8D&id=33&chatType=group&name=群"),
            ("/api/qrcode?id=33&name=%E7%BE%A4", """{"id":33,"name":"群"}"""),
        })
        {
            using var response = await Server.Client.GetAsync(address + "&size=420");
            QrReader.Read(await QrReader.PixelsAsync(await response.Content.ReadAsByteArrayAsync(), 420), 420).Should().Be(said);
        }
    }

    [Fact]
    public async Task An_svg_is_one()
    {
        using var response = await Server.Client.GetAsync("/api/qrcode?text=abc&format=svg&module=4");

        response.Content.Headers.ContentType!.ToString().Should().Be("image/svg+xml");
        var svg = await response.Content.ReadAsStringAsync();
        QrReader.Read(QrReader.Fill(svg, (21 + 8) * 4), (21 + 8) * 4).Should().Be("abc");
    }

    [Fact]
    public async Task What_cannot_be_drawn_is_refused_with_the_parameter_to_change()
    {
        foreach (var (query, code, said) in new[]
        {
            ("", "RequestInvalid", "text"),
            ("text=a&size=63", "RequestInvalid", "size"),
            ("text=a&size=2049", "RequestInvalid", "size"),
            ("text=a&margin=17", "RequestInvalid", "margin"),
            ("text=a&module=0", "RequestInvalid", "module"),
            ("text=a&level=X", "RequestInvalid", "level"),
            ("text=a&format=gif", "RequestInvalid", "format"),
            ("text=a&logo=..%2Fx", "RequestInvalid", "logo"),
            ("id=1&type=H5&http=javascript%3Aalert(1)", "RequestInvalid", "http"),
            ("id=1&chatType=crowd", "RequestInvalid", "chatType"),
            ("text=" + new string('a', 1001), "QrTextUnfit", "1000"),
            ("text=" + new string('a', 900) + "&size=64", "QrSizeUnfit", "size"),
            ("text=a&logo=images%2Fnone.png&format=svg", "QrLogoRefused", "logo"),
        })
        {
            using var response = await Server.Client.GetAsync("/api/qrcode?" + query);
            var refused = await Answer.ReadAsync(response);
            refused.ShouldFail(400, code);
            refused.Message.Should().Contain(said, query);
        }
    }
}

/// <summary>Where guests may not upload, they get no codes.</summary>
public sealed class QrCodeDoorSpecs : ApiSpecs
{
    protected override (string Key, string Value)[] Settings => [("Guests:Allowed", "false")];

    [Fact]
    public async Task A_token_is_needed_and_may_stand_in_the_address()
    {
        using var without = await Server.Client.GetAsync("/api/chat/groupQrcode/33");
        using var with = await Server.Client.GetAsync("/api/chat/groupQrcode/33?token=" + ApiServer.AdminKey);

        (await Answer.ReadAsync(without)).ShouldFail(401, "TokenMissing");
        with.StatusCode.Should().Be(HttpStatusCode.OK);
    }
}
