using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Videos;

/// <summary>The cover of a video as chat clients ask for it.</summary>
public sealed class SnapshotRouteSpecs : ApiSpecs
{
    private const string Route = "/api/chat/getVideoScreenshot";
    private const string NotOurs = "视频地址不属于本服务，或不是您上传的文件，请先上传视频";

    protected override (string Key, string Value)[] Settings =>
        [("Videos:Queue", "0")];

    [Fact]
    public async Task The_cover_of_an_uploaded_video_is_stored_like_an_upload_and_can_be_read()
    {
        var url = await UploadAsync("/api/chat/uploadStreamSingleToServerDiy/chatVideos", "file");

        var cover = await TakeAsync(new { videoUrl = url, time = 20, width = 160, format = "png" });

        cover.ShouldBeOk();
        cover.Data.EnumerateObject().Select(member => member.Name).Should().Equal("base64", "url", "format", "time", "width");
        (cover.Data.GetProperty("time").GetInt32(), cover.Data.GetProperty("width").GetInt32(), cover.Data.GetProperty("format").GetString())
            .Should().Be((20, 160, "png"));
        var path = cover.Data.GetProperty("url").GetString()!;
        path.Should().MatchRegex("^/public/uploads/Diy/VideoScreenshot/screenshot_[0-9]{13}_[0-9a-f]{12}\\.png$");
        var stored = await Server.Client.GetByteArrayAsync(path);
        cover.Data.GetProperty("base64").GetString().Should().Be("data:image/png;base64," + Convert.ToBase64String(stored));
        (await Server.RowsAsync()).Stored.Should().Be(2);
    }

    [Fact]
    public async Task A_form_is_taken_as_well_and_what_came_as_text_is_told_as_text()
    {
        var url = await UploadAsync("/api/chat/uploadStreamSingleToServerDiy/chatVideos", "file");
        using var form = new FormUrlEncodedContent([
            KeyValuePair.Create("videoUrl", url), KeyValuePair.Create("time", "1500"), KeyValuePair.Create("format", "jpg")]);

        using var response = await Server.Client.PostAsync(Route, form);
        var cover = await Answer.ReadAsync(response);

        cover.ShouldBeOk();
        (cover.Data.GetProperty("time").GetString(), cover.Data.GetProperty("width").GetString()).Should().Be(("1500", "原始宽度"));
        cover.Data.GetProperty("url").GetString().Should().EndWith(".jpg");
        cover.Data.GetProperty("base64").GetString().Should().StartWith("data:image/jpeg;base64,/9j/");
    }

    // One server for all of them.
    [Fact]
    public async Task What_cannot_be_used_is_refused_in_the_words_that_clients_know()
    {
        (string Body, string Text)[] cases =
        [
            ("""{"time":20}""", "视频地址不能为空"),
            ("""{"videoUrl":"","time":20}""", "视频地址不能为空"),
            ("""{"videoUrl":"/public/uploads/a.mp4"}""", "时间点参数无效"),
            ("""{"videoUrl":"/public/uploads/a.mp4","time":-1}""", "时间点参数无效"),
            ("""{"videoUrl":"/public/uploads/a.mp4","time":"soon"}""", "时间点参数无效"),
            ("""{"videoUrl":"/public/uploads/a.mp4","time":20,"width":0}""", "图片宽度应在1-3840之间"),
            ("""{"videoUrl":"/public/uploads/a.mp4","time":20,"width":3841}""", "图片宽度应在1-3840之间"),
            ("""{"videoUrl":"/public/uploads/a.mp4","time":20,"format":"../../x"}""", "图片格式只能是 png 或 jpg"),
            ("""{"videoUrl":"/public/uploads/none.mp4","time":20}""", "截图处理失败: 视频不存在"),
            ("""{"videoUrl":"http://169.254.169.254/latest/meta-data/","time":20}""", NotOurs),
            ("""{"videoUrl":"file:///etc/passwd","time":20}""", NotOurs),
            ("""{"videoUrl":"/public/uploads/../../etc/passwd","time":20}""", NotOurs),
            ("""{"videoUrl":"//127.0.0.1/public/uploads/a.mp4","time":20}""", NotOurs),
            ("""{"videoUrl":"concat:/public/uploads/a.mp4","time":20}""", NotOurs),
        ];
        foreach (var (body, text) in cases)
        {
            var refused = await SendAsync(body);

            refused.ShouldFail(400, "RequestInvalid");
            refused.Message.Should().Be(text, body);
        }

        (await Server.RowsAsync()).Stored.Should().Be(0);
    }

    [Fact]
    public async Task A_file_that_is_no_video_or_none_any_more_gives_no_cover()
    {
        var picture = await UploadAsync("/api/chat/uploadStreamSingleToServerDiy/chatVideos", "file", Samples.Photo);
        var whole = await TestVideo.IndexLastAsync();
        var cut = await UploadAsync("/api/chat/uploadStreamSingleToServerDiy/chatVideos", "file", whole[..(whole.Length / 2)]);

        (await TakeAsync(new { videoUrl = picture, time = 20 })).Message.Should().Be("截图处理失败: 该文件不是支持的视频");
        (await TakeAsync(new { videoUrl = cut, time = 20 })).Message.Should().Be("截图生成失败");
    }

    [Fact]
    public async Task In_the_bucket_a_video_of_somebody_elses_is_as_good_as_none()
    {
        var url = await UploadAsync("/api/chat/uploadAliyun", "img", headers: ("x-device-id", "phone-1"));

        (await TakeAsync(new { videoUrl = url, time = 20 }, ("x-device-id", "phone-2"))).ShouldFail(400, "RequestInvalid");
        (await TakeAsync(new { videoUrl = url, time = 20 }, ("x-device-id", "phone-1"))).ShouldBeOk();
        (await TakeAsync(new { videoUrl = url, time = 20 }, ("token", ApiServer.AdminKey))).ShouldBeOk();
    }

    [Fact]
    public async Task In_the_bucket_a_stranger_has_no_videos_not_even_those_of_strangers()
    {
        var url = await UploadAsync("/api/chat/uploadAliyun", "img");

        var refused = await TakeAsync(new { videoUrl = url, time = 20 });

        refused.ShouldFail(400, "RequestInvalid");
        refused.Message.Should().Be(NotOurs);
        (await TakeAsync(new { videoUrl = url, time = 20 }, ("token", ApiServer.AdminKey))).ShouldBeOk();
    }

    [Fact]
    public async Task On_the_disk_where_everybody_can_fetch_it_a_video_of_somebody_elses_will_do()
    {
        var url = await UploadAsync("/api/chat/uploadStreamSingleToServerDiy/chatVideos", "file", headers: ("x-device-id", "phone-1"));

        (await TakeAsync(new { videoUrl = url, time = 20 }, ("x-device-id", "phone-2"))).ShouldBeOk();
    }

    [Fact]
    public async Task Who_comes_when_all_places_are_taken_may_come_again()
    {
        var url = await UploadAsync("/api/chat/uploadStreamSingleToServerDiy/chatVideos", "file");
        var taken = Enumerable.Range(0, 6).Select(_ => TakeRawAsync(url)).ToList();

        var answers = await Task.WhenAll(taken);

        answers.Should().Contain(answer => answer.Status == 200);
        answers.Where(answer => answer.Status != 200).Should().NotBeEmpty().And.OnlyContain(answer => answer.Status == 503 && answer.Wait != null);
    }

    private async Task<string> UploadAsync(string route, string field, byte[]? content = null, params (string Name, string Value)[] headers)
    {
        var answer = await PostAsync(route, new Form().File(field, "clip.mp4", content ?? await TestVideo.IndexLastAsync()), headers);
        answer.ShouldBeOk();
        return (answer.Data.ValueKind == JsonValueKind.Array ? answer.Row : answer.Data).GetProperty("url").GetString()!;
    }

    private Task<Answer> TakeAsync(object body, params (string Name, string Value)[] headers) => SendAsync(JsonSerializer.Serialize(body), headers);

    private async Task<Answer> SendAsync(string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Route) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    private async Task<(int Status, string? Wait)> TakeRawAsync(string url)
    {
        using var response = await Server.Client.PostAsJsonAsync(Route, new { videoUrl = url, time = 20 });
        return ((int)response.StatusCode, response.Headers.RetryAfter?.Delta?.TotalSeconds.ToString(CultureInfo.InvariantCulture));
    }
}
