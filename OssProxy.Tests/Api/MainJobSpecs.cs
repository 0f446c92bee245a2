using System.Net;
using System.Net.Http.Headers;

namespace OssProxy.Tests.Api;

public sealed class MainJobSpecs : ApiSpecs
{
    private const string Chat = "/api/chat/uploadAliyun";

    [Theory]
    [InlineData("photo.jpg", "image/jpeg", ".jpg")]
    [InlineData("clip.mp4", "video/mp4", ".mp4")]
    public async Task A_real_file_goes_in_and_its_url_gives_back_the_same_bytes_with_the_right_type(
        string sample, string type, string extension)
    {
        var file = Samples.Read(sample);

        var answer = await PostAsync(Chat, new Form().Field("token", "guest").Field("imageClassId", "0").File("img", sample, file));

        answer.ShouldBeOk();
        var row = answer.Row;
        row.GetProperty("path").GetString().Should().MatchRegex($"^images/[0-9]{{8}}/[0-9]{{13}}_[0-9a-f]{{12}}\\{extension}$");
        row.GetProperty("url").GetString().Should().EndWith("/" + row.GetProperty("path").GetString()).And.NotContain("?");
        row.GetProperty("image_class_id").GetInt64().Should().Be(0);
        row.GetProperty("create_time").GetInt64().Should().BeCloseTo(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()).ToUnixTimeSeconds(), 60);
        row.GetProperty("size").GetInt64().Should().Be(file.Length);
        row.GetProperty("mime").GetString().Should().Be(type);
        row.GetProperty("name").GetString().Should().Be(sample);

        using var download = await Server.Client.GetAsync(row.GetProperty("url").GetString());
        download.StatusCode.Should().Be(HttpStatusCode.OK);
        download.Content.Headers.ContentType!.MediaType.Should().Be(type);
        (await download.Content.ReadAsByteArrayAsync()).Should().Equal(file);
        (await Server.RowsAsync()).Should().Be(new StoreContents.Rows(Pending: 0, Stored: 1));
    }

    [Fact]
    public async Task Answers_come_in_one_piece_with_their_length()
    {
        using var stored = await Server.Client.PostAsync(Chat, new Form().File("img", "a.jpg", Samples.PhotoOf(1000)).ToContent());
        using var refused = await Server.Client.PostAsync(Chat, new Form().Field("token", "guest").ToContent());

        foreach (var (answer, status) in new[] { (stored, HttpStatusCode.OK), (refused, HttpStatusCode.BadRequest) })
        {
            answer.StatusCode.Should().Be(status);
            answer.Headers.TransferEncodingChunked.Should().NotBe(true);
            answer.Content.Headers.NonValidated["Content-Length"].ToString().Should().NotBeEmpty();
            answer.Content.Headers.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        }
    }

    [Fact]
    public async Task The_same_works_by_way_of_a_spool_file_that_is_gone_afterwards()
    {
        var file = Samples.PhotoOf(3_000_000);

        var answer = await PostAsync(Chat + "?mode=temp", new Form().File("img", "a.jpg", file));

        answer.ShouldBeOk();
        (await Server.Client.GetByteArrayAsync(answer.Row.GetProperty("url").GetString())).Should().Equal(file);
        Server.SpoolFiles().Should().BeEmpty();
        Directory.Exists(Server.SpoolFolder).Should().BeTrue("the file had to be somewhere");
    }

    [Theory]
    [InlineData("?imageClassId=5", null, null, 5)]
    [InlineData("", "7", null, 7)]
    [InlineData("", null, "9", 9)]
    [InlineData("", "7", "7", 7)]
    [InlineData("?imageClassId=5", "7", "7", 5)]
    [InlineData("", "seven", null, 0)]
    [InlineData("", "-3", null, 0)]
    [InlineData("", null, null, 0)]
    public async Task The_class_comes_from_the_query_then_either_field_before_or_after_the_file(
        string query, string? camel, string? snake, long expected)
    {
        foreach (var fieldsFirst in new[] { true, false })
        {
            var form = new Form();
            if (!fieldsFirst)
                form.File("img", "a.jpg", Samples.Photo);
            if (camel is not null)
                form.Field("imageClassId", camel);
            if (snake is not null)
                form.Field("image_class_id", snake);
            if (fieldsFirst)
                form.File("img", "a.jpg", Samples.Photo);

            var answer = await PostAsync(Chat + query, form);

            answer.ShouldBeOk();
            answer.Row.GetProperty("image_class_id").GetInt64().Should().Be(expected);
        }
    }

    [Theory]
    [InlineData("IMG_0001.HEIC", ".jpg", "a JPEG that an iPhone calls HEIC")]
    [InlineData("file-1767600000123", ".jpg", "an H5 blob")]
    [InlineData("", ".jpg", "no name at all")]
    [InlineData("photo.JPEG", ".jpeg", "an extension that fits stays, in lower case")]
    [InlineData("x.php", ".jpg", "a name that lies")]
    public async Task The_extension_comes_from_the_content(string name, string extension, string because)
    {
        var answer = await PostAsync(Chat, new Form().File("img", name, Samples.Photo, "image/heic"));

        answer.ShouldBeOk();
        answer.Row.GetProperty("path").GetString().Should().EndWith(extension, because);
        answer.Row.GetProperty("mime").GetString().Should().Be("image/jpeg");
    }

    [Theory]
    [InlineData("img")]
    [InlineData("img[]")]
    [InlineData("file")]
    [InlineData("whatever")]
    public async Task Any_name_of_the_file_field_will_do(string field) =>
        (await PostAsync(Chat, new Form().File(field, "a.jpg", Samples.Photo))).ShouldBeOk();

    [Fact]
    public async Task A_document_is_stored_as_an_attachment_under_its_own_name()
    {
        var answer = await PostAsync(Chat, new Form().File("img", "报价 单.pdf", Samples.Read("page.pdf")));

        answer.ShouldBeOk();
        using var download = await Server.Client.GetAsync(answer.Row.GetProperty("url").GetString());
        download.Content.Headers.GetValues("Content-Disposition").Single()
            .Should().Be("attachment; filename*=UTF-8''%E6%8A%A5%E4%BB%B7%20%E5%8D%95.pdf");
    }

    [Fact]
    public async Task A_form_written_by_the_frameworks_own_client_is_understood()
    {
        // It quotes the boundary, leaves names bare and sends filename* as well.
        using var content = new MultipartFormDataContent();
        using var file = new ByteArrayContent(Samples.Photo);
        file.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        content.Add(file, "img", "照片.jpg");
        content.Add(new StringContent("3"), "imageClassId");
        using var response = await Server.Client.PostAsync(new Uri(Chat, UriKind.Relative), content);

        var answer = await Answer.ReadAsync(response);

        answer.ShouldBeOk();
        answer.Row.GetProperty("name").GetString().Should().Be("照片.jpg");
        answer.Row.GetProperty("image_class_id").GetInt64().Should().Be(3);
    }

    [Fact]
    public async Task A_chunked_body_of_unknown_length_is_understood()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Chat) { Content = new Form().File("img", "a.jpg", Samples.Photo).ToContent() };
        request.Headers.TransferEncodingChunked = true;
        using var response = await Server.Client.SendAsync(request);

        (await Answer.ReadAsync(response)).ShouldBeOk();
    }

    [Fact]
    public async Task Thirty_uploads_at_once_all_succeed_and_all_differ()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 30)
            .Select(i => PostAsync(Chat, new Form().File("img", $"{i}.jpg", Samples.PhotoOf(200_000 + i)))));

        answers.Should().AllSatisfy(answer => answer.ShouldBeOk());
        (await Server.ObjectsAsync()).Should().HaveCount(30);
        (await Server.RowsAsync()).Should().Be(new StoreContents.Rows(0, 30));
    }
}
