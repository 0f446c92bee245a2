using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>Who may have what: anybody, whoever has a signed address, whoever may look at the library.</summary>
public sealed class ImageAccessSpecs
{
    private const string Free = "/img/a.jpg?x-oss-process=image/resize,w_123";

    [Fact]
    public async Task Anybody_may_have_styles_and_what_is_allowed_and_nothing_else()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:Allowed", "image/resize,h_50,w_50; image/info"));
        await house.PutAsync("a.jpg");

        foreach (var refused in new[] { Free, "/img/a.jpg", "/img/a.jpg?x-oss-process", "/img/a.jpg?x-oss-process=image/resize,w_50,h_51", "/img/none.jpg" })
        {
            using var answer = await house.GetAsync(refused);
            await answer.ShouldRefuseAsync(403, "AccessDenied", "0040-00000031");
        }

        house.Renderer.Calls.Should().Be(0);
        foreach (var open in new[] { "/img/a.jpg?x-oss-process=image%2Fresize,w_50,h_50", "/img/a.jpg?x-oss-process=image/info", "/img/a.jpg?x-oss-process=style/thumb&v=1" })
        {
            using var answer = await house.GetAsync(open);
            answer.StatusCode.Should().Be(HttpStatusCode.OK, open);
        }
    }

    [Fact]
    public async Task Chat_clients_may_have_the_pictures_of_videos_that_they_append_to_addresses_where_the_deployment_says_so()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:Allowed", "video/snapshot,t_20,m_fast,w_260,f_png"));
        await using var closed = await house.NeighbourAsync(new ScriptedRenderer());
        await house.PutAsync("a.mp4");

        using var answer = await house.GetAsync("/img/a.mp4?x-oss-process=video/snapshot,t_20,m_fast,w_260,f_png");
        using var other = await house.GetAsync("/img/a.mp4?x-oss-process=video/snapshot,t_21,m_fast,w_260,f_png");

        using var unsaid = await closed.GetAsync("/img/a.mp4?x-oss-process=video/snapshot,t_20,m_fast,w_260,f_png");

        await other.ShouldRefuseAsync(403, "AccessDenied");
        await unsaid.ShouldRefuseAsync(403, "AccessDenied", "0040-00000031");
        answer.StatusCode.Should().NotBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_address_without_a_process_has_the_style_for_it_or_the_original()
    {
        await using var styled = await ImageHouse.OpenAsync(("Images:DefaultStyle", "thumb"));
        await styled.PutAsync("a.jpg");
        using var image = await styled.GetAsync("/img/a.jpg");
        (await image.Content.ReadAsStringAsync()).Should().Contain("w_100");

        await using var open = await ImageHouse.OpenAsync(("Images:Originals", "true"));
        await open.PutAsync("a.jpg", [1, 2, 3]);
        await open.PutAsync("a.html", [1, 2, 3], "text/html");
        using var original = await open.GetAsync("/img/a.jpg");
        (await original.Content.ReadAsByteArrayAsync()).Should().Equal(1, 2, 3);
        original.Content.Headers.ContentType!.ToString().Should().Be("image/jpeg");
        original.Headers.CacheControl!.Public.Should().BeTrue();
        using var page = await open.GetAsync("/img/a.html");
        page.Content.Headers.ContentDisposition!.ToString().Should().Be("attachment");
        using var free = await open.GetAsync(Free);
        await free.ShouldRefuseAsync(403, "AccessDenied", "0040-00000031");
    }

    [Fact]
    public async Task Who_may_look_at_the_library_may_have_everything_and_caches_nothing_of_it()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg", [1, 2, 3]);

        using var free = await house.GetAsync(Free, ("token", ApiServer.AdminKey));
        using var original = await house.GetAsync("/img/a.jpg", ("Authorization", $"Bearer {ApiServer.AdminKey}"));
        using var wrong = await house.GetAsync(Free, ("token", "nonsense"));
        using var needless = await house.GetAsync("/img/a.jpg!thumb", ("token", "nonsense"));

        free.StatusCode.Should().Be(HttpStatusCode.OK);
        free.Headers.CacheControl!.NoStore.Should().BeTrue();
        (await original.Content.ReadAsByteArrayAsync()).Should().Equal(1, 2, 3);
        await wrong.ShouldRefuseAsync(403, "AccessDenied");
        needless.StatusCode.Should().Be(HttpStatusCode.OK, "nobody is asked for a token where none is needed");
    }

    [Theory]
    [InlineData(OssSignature.V1)]
    [InlineData(OssSignature.V4)]
    public async Task Who_has_an_address_that_an_sdk_has_signed_may_have_what_it_says(OssSignature signature)
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("目录/a b+c.jpg");
        var signed = await SignedAsync(house, signature, "目录/a b+c.jpg", "image/resize,w_321/quality,q_80", HttpMethod.Get);

        using var answer = await house.GetAsync(signed);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, "{0}", await answer.Content.ReadAsStringAsync());
        answer.Headers.CacheControl!.ToString().Should().Be("max-age=31536000, private");
        using var head = await house.HeadAsync(signed);
        head.StatusCode.Should().Be(HttpStatusCode.Forbidden, "the method is signed");
        using var other = await house.GetAsync(signed.Replace("w_321", "w_322", StringComparison.Ordinal));
        await other.ShouldRefuseAsync(403, "SignatureDoesNotMatch");
        using var elsewhere = await house.GetAsync(signed.Replace("/img/", "/img/x", StringComparison.Ordinal));
        await elsewhere.ShouldRefuseAsync(403, "SignatureDoesNotMatch");
        house.Renderer.Calls.Should().Be(1);
    }

    [Fact]
    public async Task A_signature_is_judged_also_where_none_is_needed()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");
        var past = DateTimeOffset.UnixEpoch.AddYears(50).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = await SignedAsync(house, OssSignature.V1, "a.jpg", "style/thumb", HttpMethod.Get);

        using var good = await house.GetAsync(signed);
        using var wrong = await house.GetAsync(signed.Replace("Signature=", "Signature=x", StringComparison.Ordinal));
        using var expired = await house.GetAsync($"/img/a.jpg!thumb?OSSAccessKeyId=test-id&Expires={past}&Signature=x");
        using var stranger = await house.GetAsync("/img/a.jpg!thumb?OSSAccessKeyId=other&Expires=99999999999&Signature=x");
        using var half = await house.GetAsync("/img/a.jpg!thumb?OSSAccessKeyId=test-id");

        good.StatusCode.Should().Be(HttpStatusCode.OK);
        await wrong.ShouldRefuseAsync(403, "SignatureDoesNotMatch", "0002-00000040");
        await expired.ShouldRefuseAsync(403, "AccessDenied", "0002-00000069");
        await stranger.ShouldRefuseAsync(403, "InvalidAccessKeyId", "0002-00000902");
        await half.ShouldRefuseAsync(403, "AccessDenied");
    }

    [Theory]
    [InlineData(OssSignature.V1, 403)]
    [InlineData(OssSignature.V4, 200)]
    public async Task A_V1_address_that_was_given_for_something_else_too_is_none_for_an_image(OssSignature signature, int status)
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");
        var process = KeyValuePair.Create("x-oss-process", "image/resize,w_9");

        using var more = await house.GetAsync(
            await SignedAsync(house, signature, "a.jpg", HttpMethod.Get, process, KeyValuePair.Create("response-cache-control", "a")));
        using var free = await house.GetAsync(await SignedAsync(house, signature, "a.jpg", HttpMethod.Get, process, KeyValuePair.Create("utm", "a&b")));

        ((int)more.StatusCode).Should().Be(status);
        free.StatusCode.Should().Be(HttpStatusCode.OK, "what is not signed says nothing");
    }

    [Fact]
    public async Task A_header_that_the_address_binds_has_to_be_the_same()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");
        var host = house.Server.Address.Authority;
        var bound = new OssUrlTerms
        {
            Headers = [KeyValuePair.Create("Host", host)],
            BoundHeaders = ["host"],
            Query = [KeyValuePair.Create("x-oss-process", "image/resize,w_9")],
        };
        var url = await house.Oss.Presigner.SignAsync(HttpMethod.Get, ObjectKey.Parse("a.jpg"), TimeSpan.FromMinutes(5), bound, CancellationToken.None);
        var target = Moved(url);

        using var here = await house.GetAsync(target);
        using var elsewhere = await house.GetAsync(target, ("Host", "bucket.oss-cn-hangzhou.aliyuncs.com"));
        using var missing = await house.GetAsync(target.Replace("x-oss-additional-headers=host", "x-oss-additional-headers=x-none", StringComparison.Ordinal));

        here.StatusCode.Should().Be(HttpStatusCode.OK);
        await elsewhere.ShouldRefuseAsync(403, "SignatureDoesNotMatch");
        await missing.ShouldRefuseAsync(403, "AccessDenied");
    }

    [Fact]
    public async Task What_cannot_be_understood_is_refused_in_the_words_of_OSS()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");

        using var twice = await house.GetAsync("/img/a.jpg?x-oss-process=style/thumb&x-oss-process=style/thumb");
        using var unknown = await house.GetAsync("/img/a.jpg?x-oss-process=image/explode,w_1");
        using var noStyle = await house.GetAsync("/img/a.jpg!none");
        using var noSource = await house.GetAsync("/img/none.jpg!thumb");
        using var noKey = await house.GetAsync("/img/a/../b.jpg!thumb");
        using var saved = await house.GetAsync("/img/a.jpg?x-oss-process=style/thumb%7Csys/saveas,o_dGVzdC5qcGc", ("token", ApiServer.AdminKey));

        await twice.ShouldRefuseAsync(400, "InvalidArgument");
        await unknown.ShouldRefuseAsync(400, "InvalidArgument", "0040-00000213");
        await noStyle.ShouldRefuseAsync(404, "NoSuchStyle");
        await noSource.ShouldRefuseAsync(404, "NoSuchKey");
        await noKey.ShouldRefuseAsync(404, "NoSuchKey");
        await saved.ShouldRefuseAsync(400, "InvalidArgument");
    }

    [Fact]
    public async Task A_service_that_is_switched_off_is_not_there()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:Enabled", "false"));
        await house.PutAsync("a.jpg");

        using var image = await house.GetAsync("/img/a.jpg!thumb");
        using var mirror = await house.GetAsync("/mirror/a.jpg!thumb");

        image.StatusCode.Should().Be(HttpStatusCode.NotFound);
        mirror.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("Images:Colour", "red", "Images:Colour")]
    [InlineData("Images:Worker", "2", "Images:Workers")]
    [InlineData("Images:Buket", "results", "Images:Bucket")]
    [InlineData("Images:Prefix", "images", "Uploads:Prefix")]
    [InlineData("Images:Prefix", "uploads/derived", "Grants:Prefix")]
    public async Task What_cannot_work_is_named_once_whichever_class_has_the_key(string key, string value, string named)
    {
        var opening = () => ImageHouse.OpenAsync((key, value));

        var refused = (await opening.Should().ThrowAsync<OptionsValidationException>()).Which;

        refused.Failures.Should().ContainSingle().Which.Should().Contain(named);
    }

    [Fact]
    public async Task Links_that_we_give_out_lead_to_us_where_we_are_reached()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:PublicBaseUrl", "https://img.example.com/files/"));
        var (id, key) = await UploadedAsync(house);

        var link = await LinkAsync(house, id, "image/resize,w_77");
        link.Should().StartWith($"https://img.example.com/files/img/{key}?x-oss-process=image%2Fresize%2Cw_77&");
        using var read = await house.GetAsync(link[link.IndexOf("/img/", StringComparison.Ordinal)..]);
        read.StatusCode.Should().Be(HttpStatusCode.OK);
        var styled = await LinkAsync(house, id, "style/thumb");
        styled.Should().Contain("x-oss-process=image%2Fresize%2Cw_100");
        await house.AdminAsync(HttpMethod.Post, "/oss/presign/read", new { ids = new[] { id }, process = "style/none" }, HttpStatusCode.NotFound);
        await house.AdminAsync(HttpMethod.Post, "/oss/presign/read", new { ids = new[] { id }, process = "image/x" }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Links_that_we_give_out_lead_to_OSS_where_nobody_reaches_us()
    {
        await using var house = await ImageHouse.OpenAsync();
        var (id, _) = await UploadedAsync(house);

        var link = await LinkAsync(house, id, "style/thumb");

        link.Should().StartWith(house.Server.Emulator.Address.ToString()).And.Contain("x-oss-process=image%2Fresize%2Cw_100");
    }

    private static async Task<string> LinkAsync(ImageHouse house, long id, string process) =>
        (await house.AdminAsync(HttpMethod.Post, "/oss/presign/read", new { ids = new[] { id }, process })).GetProperty("data")[0].GetProperty("url").GetString()!;

    private static async Task<(long Id, string Key)> UploadedAsync(ImageHouse house)
    {
        using var body = new Form().File("img", "a.jpg", Api.Samples.PhotoOf(3000)).ToContent();
        using var answer = await house.Client.PostAsync("/api/chat/uploadAliyun", body);
        var path = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("data")[0].GetProperty("path").GetString()!;
        var list = await house.AdminAsync(HttpMethod.Get, "/admin/image/search/1");
        return (list.GetProperty("data").GetProperty("list")[0].GetProperty("id").GetInt64(), path);
    }

    private static Task<string> SignedAsync(ImageHouse house, OssSignature signature, string key, string process, HttpMethod method) =>
        SignedAsync(house, signature, key, method, KeyValuePair.Create("x-oss-process", process));

    private static async Task<string> SignedAsync(
        ImageHouse house, OssSignature signature, string key, HttpMethod method, params KeyValuePair<string, string>[] query)
    {
        var options = new OssOptions
        {
            Endpoint = house.Server.Emulator.Address.ToString().TrimEnd('/'),
            Region = "cn-hangzhou",
            Bucket = ApiServer.Bucket,
            AccessKeyId = "test-id",
            AccessKeySecret = "test-secret",
            Signature = signature,
        };
        var terms = new OssUrlTerms { Query = query };
        return Moved(await new OssPresigner(options, TimeProvider.System)
            .SignAsync(method, ObjectKey.Parse(key), TimeSpan.FromMinutes(5), terms, CancellationToken.None));
    }

    // What is signed is the bucket and the key; where they lie is not.
    private static string Moved(Uri url) => url.OriginalString[(url.GetLeftPart(UriPartial.Authority).Length + ApiServer.Bucket.Length + 1)..] is var rest
        ? "/img" + rest : "";
}
