using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Uploads;

namespace OssProxy.Tests.Api;

public sealed class DoorSpecs : ApiSpecs
{
    [Theory]
    [InlineData("/api/chat/uploadStreamSingleToServerDiy/chatImgs_2026", "/public/uploads/Diy/chatImgs/2026/")]
    [InlineData("/uploadStreamSingleToServerDiy/adminImg?_csrf=x", "/public/uploads/Diy/adminImg/")]
    [InlineData("/api/uploadStreamSingleToServerDiy/avatars", "/public/uploads/Diy/avatars/")]
    [InlineData("/uploadStreamSingleToServer", "/public/uploads/")]
    [InlineData("/api/uploadStreamSingleToServer", "/public/uploads/")]
    public async Task A_local_door_answers_an_object_with_a_root_relative_url_that_serves_the_file(string path, string begin)
    {
        var answer = await PostAsync(path, new Form().Field("token", "t").File("file", "语音.mp4", Samples.Clip));

        answer.ShouldBeOk();
        var url = answer.Data.GetProperty("url").GetString()!;
        url.Should().StartWith(begin).And.MatchRegex("/[0-9]{8}/[0-9]{13}_[0-9]{1,8}\\.mp4$");
        using var served = await Server.Client.GetAsync(url);
        served.StatusCode.Should().Be(HttpStatusCode.OK);
        (await served.Content.ReadAsByteArrayAsync()).Should().Equal(Samples.Clip);
        (await Server.ObjectsAsync()).Should().BeEmpty("the bucket is for the other doors");
    }

    [Theory]
    [InlineData("..%2F..%2Fetc")]
    [InlineData("%2e%2e_%2e%2e")]
    [InlineData("..%5C..")]
    [InlineData("C:")]
    [InlineData("nul")]
    [InlineData("a%00b")]
    public async Task A_local_folder_that_is_no_plain_name_is_refused(string folder)
    {
        using var content = new Form().File("file", "a.jpg", Samples.Photo).ToContent();
        using var response = await Server.Client.PostAsync("/uploadStreamSingleToServerDiy/" + folder, content);

        response.StatusCode.Should().BeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.NotFound);
        Directory.EnumerateFiles(Server.Folder, "*.jpg", SearchOption.AllDirectories).Should().BeEmpty();
        await NothingShouldRemainAsync();
    }

    [Theory]
    [InlineData("/shop/admin/image/uploadAliyun", "?imageClassId=")]
    [InlineData("/api/shop/admin/image/uploadAliyun", "?imageClassId=")]
    [InlineData("/admin/image/upload", "")]
    [InlineData("/api/admin/image/upload", "")]
    [InlineData("/admin/image/uploadAliyun", "")]
    [InlineData("/api/admin/image/uploadAliyun", "")]
    public async Task A_console_uploads_several_files_into_a_class(string path, string query)
    {
        var id = await NewClassAsync();
        var form = new Form().Field("image_class_id", id.ToString(CultureInfo.InvariantCulture))
            .File("img", "1.jpg", Samples.Photo).File("img", "2.png", Samples.Read("plain.png")).File("img[]", "3.jpg", Samples.Photo);

        if (query.Length > 0)
            query += id;
        var answer = await PostAsync(path + query, form, ("token", ApiServer.AdminKey));

        answer.ShouldBeOk();
        answer.Data.GetArrayLength().Should().Be(3);
        answer.Data.EnumerateArray().Should().AllSatisfy(row => row.GetProperty("image_class_id").GetInt64().Should().Be(id));
        answer.Data.EnumerateArray().Select(row => row.GetProperty("name").GetString()).Should().Equal("1.jpg", "2.png", "3.jpg");
        (await Server.ObjectsAsync()).Should().HaveCount(3);
    }

    [Theory]
    [InlineData("/shop/admin/image/uploadAliyun", null, "TokenMissing", "您没有权限访问商城接口")]
    [InlineData("/shop/admin/image/uploadAliyun", "wrong", "TokenInvalid", "Token 令牌不合法！")]
    [InlineData("/admin/image/upload", null, "TokenMissing", "非法token，请先登录！")]
    [InlineData("/admin/image/upload", "wrong", "TokenInvalid", "非法token，请先登录！")]
    [InlineData("/api/admin/image/uploadAliyun", "wrong", "TokenInvalid", "非法token，请先登录！")]
    public async Task A_console_without_the_key_is_turned_away_in_the_words_it_waits_for(
        string path, string? token, string code, string text)
    {
        var headers = token is null ? Array.Empty<(string, string)>() : [("token", token)];

        var answer = await PostAsync(path, new Form().File("img", "a.jpg", Samples.Photo), headers);

        answer.ShouldFail(401, code);
        answer.Message.Should().Be(text);
        await NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_wrong_key_is_refused_before_the_body_is_asked_for()
    {
        using var connection = await Server.ConnectAsync();

        await connection.SendAsync(Form.Head("/admin/image/upload", 1_000_000, "token: wrong\r\nExpect: 100-continue\r\n"));
        var answer = await connection.ReadUntilAsync("}");

        answer.Should().StartWith("HTTP/1.1 401").And.NotContain("100 Continue");
    }

    [Fact]
    public async Task One_file_too_many_undoes_the_others()
    {
        var form = new Form();
        for (var i = 0; i < 11; i++)
            form.File("img", $"{i}.jpg", Samples.Photo);

        var answer = await PostAsync("/admin/image/upload", form, ("token", ApiServer.AdminKey));

        answer.ShouldFail(400, "FormTooComplex");
        await NothingShouldRemainAsync();
    }

    [Fact]
    public async Task A_bad_file_in_the_middle_undoes_the_good_ones_before_it()
    {
        var form = new Form().File("img", "1.jpg", Samples.Photo).File("img", "2.html", "<html>"u8).File("img", "3.jpg", Samples.Photo);

        var answer = await PostAsync("/admin/image/upload", form, ("token", ApiServer.AdminKey));

        answer.ShouldFail(415, "TypeNotAllowed");
        await NothingShouldRemainAsync();
    }

    [Fact]
    public async Task An_unknown_route_and_a_wrong_method_answer_in_the_envelope_too()
    {
        using var unknown = await Server.Client.GetAsync("/no/such/route");
        using var wrong = await Server.Client.GetAsync("/api/chat/uploadAliyun");

        var answer = await Answer.ReadAsync(unknown);
        answer.ShouldFail(404, "RouteNotFound");
        answer.RequestId.Should().Be(answer.Body.GetProperty("requestId").GetString());
        (await Answer.ReadAsync(wrong)).ShouldFail(405, "MethodNotAllowed");
    }

    [Theory]
    [InlineData("/api/chat/uploadAliyun")]
    [InlineData("/admin/image/upload")]
    [InlineData("/shop/admin/image/uploadAliyun")]
    [InlineData("/no/such/route")]
    public async Task A_preflight_is_answered_before_any_check(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", "https://h5.example.com");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "token,x-requested-with");
        using var response = await Server.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        response.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("*");
        string.Join(',', response.Headers.GetValues("Access-Control-Allow-Headers")).Should().Contain("token");
    }

    [Fact]
    public async Task A_failure_can_be_read_by_a_page_of_another_origin()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat/uploadAliyun") { Content = new StringContent("no form") };
        request.Headers.Add("Origin", "https://h5.example.com");
        using var response = await Server.Client.SendAsync(request);

        response.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("*");
        (await Answer.ReadAsync(response)).ShouldFail(400, "NotMultipart");
    }

    [Fact]
    public void No_action_that_takes_a_body_lets_the_framework_read_the_form_first()
    {
        var posts = typeof(UploadDesk).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(ControllerBase)))
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttributes(inherit: true).OfType<HttpPostAttribute>().Any())
            .ToList();

        posts.Should().HaveCountGreaterThan(3);
        posts.Should().AllSatisfy(method =>
        {
            method.GetParameters().Should().BeEmpty("binding any of them would buffer the request");

            // These read their small bodies by themselves, up to a bound of their own.
            (method.DeclaringType!.Namespace is "OssProxy.Api.Library" or "OssProxy.Api.Access" or "OssProxy.Api.Me" or "OssProxy.Api.ConsolePages"
                    or "OssProxy.Api.Goods" or "OssProxy.Api.Grants" or "OssProxy.Api.Images" or "OssProxy.Api.Videos"
                || method.DeclaringType.IsDefined(typeof(UploadDoorAttribute), inherit: true)
                || method.IsDefined(typeof(UploadDoorAttribute), inherit: true)).Should().BeTrue(method.Name);
        });
    }

    [Fact]
    public async Task Health_is_alive_and_ready()
    {
        using var alive = await Server.Client.GetAsync("/healthz");
        using var ready = await Server.Client.GetAsync("/readyz");

        (await Answer.ReadAsync(alive)).ShouldBeOk();
        (await Answer.ReadAsync(ready)).ShouldBeOk();
    }
}
