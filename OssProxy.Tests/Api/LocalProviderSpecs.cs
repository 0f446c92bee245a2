using System.Globalization;
using System.Net;

namespace OssProxy.Tests.Api;

/// <summary>A deployment without any OSS: every door stores on this disk and answers the same.</summary>
public sealed class LocalProviderSpecs : ApiSpecs
{
    protected override (string, string)[] Settings => [("Storage:Provider", "local"), ("Oss:Endpoint", ""), ("Oss:Bucket", "")];

    [Theory]
    [InlineData("/api/chat/uploadAliyun")]
    [InlineData("/shop/admin/image/uploadAliyun")]
    [InlineData("/admin/image/upload")]
    [InlineData("/api/chat/uploadAliyun?mode=temp")]
    public async Task A_main_door_answers_a_row_whose_url_serves_the_file(string path)
    {
        var id = await NewClassAsync();
        var answer = await PostAsync(
            path, new Form().Field("imageClassId", id.ToString(CultureInfo.InvariantCulture)).File("img", "clip.mp4", Samples.Clip), ("token", ApiServer.AdminKey));

        answer.ShouldBeOk();
        answer.Row.GetProperty("path").GetString().Should().MatchRegex("^images/[0-9]{8}/[0-9]{13}_[0-9a-f]{12}\\.mp4$");
        answer.Row.GetProperty("url").GetString().Should().Be("/public/uploads/" + answer.Row.GetProperty("path").GetString());
        answer.Row.GetProperty("image_class_id").GetInt64().Should().Be(id);
        using var served = await Server.Client.GetAsync(answer.Row.GetProperty("url").GetString());
        served.Content.Headers.ContentType!.MediaType.Should().Be("video/mp4");
        (await served.Content.ReadAsByteArrayAsync()).Should().Equal(Samples.Clip);
    }

    [Fact]
    public async Task A_local_door_answers_as_ever()
    {
        var answer = await PostAsync("/uploadStreamSingleToServerDiy/a_b", new Form().File("file", "photo.jpg", Samples.Photo));

        answer.ShouldBeOk();
        answer.Data.GetProperty("url").GetString().Should().StartWith("/public/uploads/Diy/a/b/");
    }

    [Fact]
    public async Task It_is_ready_without_any_oss()
    {
        using var ready = await Server.Client.GetAsync("/readyz");

        ready.StatusCode.Should().Be(HttpStatusCode.OK);
    }
}
