using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Api;

public sealed class PublicFileSpecs : ApiSpecs
{
    [Fact]
    public async Task A_file_is_shown_and_never_run()
    {
        var url = await StoreAsync("photo.jpg", Samples.Photo);

        using var response = await Server.Client.GetAsync(url);

        response.Content.Headers.ContentType!.ToString().Should().Be("image/jpeg");
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        response.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("default-src 'none'").And.Contain("sandbox");
        response.Headers.CacheControl!.ToString().Should().Contain("max-age=31536000").And.Contain("immutable");
        response.Content.Headers.ContentDisposition.Should().BeNull();
        response.Content.Headers.LastModified.Should().NotBeNull();
    }

    [Fact]
    public async Task A_document_is_downloaded_and_not_opened()
    {
        var url = await StoreAsync("a.pdf", Samples.Read("page.pdf"));

        using var response = await Server.Client.GetAsync(url);

        response.Content.Headers.ContentDisposition!.DispositionType.Should().Be("attachment");
    }

    [Theory]
    [InlineData("""{"disposition":"attachment"}""", "attachment")]
    [InlineData("""{"disposition":"attachment","keep_name":true}""", "attachment; filename*=UTF-8''%E5%9B%BE.jpg")]
    [InlineData("""{"keep_name":true}""", "inline; filename*=UTF-8''%E5%9B%BE.jpg")]
    public async Task A_picture_is_given_out_as_its_class_says(string policy, string disposition)
    {
        var id = await NewClassAsync(policy: policy);
        var url = await StoreAsync("图.jpg", Samples.Photo, $"?imageClassId={id}");

        using var response = await Server.Client.GetAsync(url);

        var given = response.Content.Headers.NonValidated["Content-Disposition"].ToString();
        given.Should().StartWith(disposition);
    }

    [Theory]
    [InlineData("application/pdf", null, "attachment")]
    [InlineData("application/pdf", "inline; filename*=UTF-8''a.pdf", "attachment")]
    [InlineData("application/pdf", "attachment; filename*=UTF-8''a.pdf", "attachment; filename*=UTF-8''a.pdf")]
    [InlineData("text/html", "inline", "attachment")]
    public async Task What_a_browser_would_open_is_downloaded_whatever_was_stored_with_it(string type, string? stored, string disposition)
    {
        using var body = new MemoryStream("content"u8.ToArray());
        await Server.Services.GetRequiredService<ObjectStores>().Local.Store.PutAsync(
            ObjectKey.Parse("test/a.bin"), new ObjectContent { Body = body, ContentType = type, ContentDisposition = stored }, CancellationToken.None);

        using var response = await Server.Client.GetAsync("/public/uploads/test/a.bin");

        response.Content.Headers.NonValidated["Content-Disposition"].ToString().Should().Be(disposition);
    }

    [Fact]
    public async Task A_player_can_seek()
    {
        var url = await StoreAsync("clip.mp4", Samples.Clip);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(1000, 1999);

        using var response = await Server.Client.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        response.Content.Headers.ContentRange!.ToString().Should().Be($"bytes 1000-1999/{Samples.Clip.Length}");
        (await response.Content.ReadAsByteArrayAsync()).Should().Equal(Samples.Clip.AsSpan(1000, 1000).ToArray());
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_416_and_a_suffix_is_the_end()
    {
        var url = await StoreAsync("photo.jpg", Samples.Photo);
        using var beyond = new HttpRequestMessage(HttpMethod.Get, url);
        beyond.Headers.Range = new RangeHeaderValue(Samples.Photo.Length, null);
        using var suffix = new HttpRequestMessage(HttpMethod.Get, url);
        suffix.Headers.Range = new RangeHeaderValue(null, 10);

        using var refused = await Server.Client.SendAsync(beyond);
        using var end = await Server.Client.SendAsync(suffix);

        refused.StatusCode.Should().Be(HttpStatusCode.RequestedRangeNotSatisfiable);
        (await end.Content.ReadAsByteArrayAsync()).Should().Equal(Samples.Photo[^10..]);
    }

    [Fact]
    public async Task A_head_request_tells_the_length_and_sends_nothing()
    {
        var url = await StoreAsync("photo.jpg", Samples.Photo);

        using var response = await Server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentLength.Should().Be(Samples.Photo.Length);
    }

    [Fact]
    public async Task A_copy_that_is_still_right_is_not_sent_again()
    {
        var url = await StoreAsync("photo.jpg", Samples.Photo);
        using var first = await Server.Client.GetAsync(url);
        using var again = new HttpRequestMessage(HttpMethod.Get, url);
        again.Headers.IfModifiedSince = first.Content.Headers.LastModified;

        using var response = await Server.Client.SendAsync(again);

        response.StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("../canary.txt")]
    [InlineData("%2e%2e/canary.txt")]
    [InlineData("..%2Fcanary.txt")]
    [InlineData("%2e%2e%2fcanary.txt")]
    [InlineData("..%5Ccanary.txt")]
    [InlineData("..%255Ccanary.txt")]
    [InlineData("....//canary.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("Diy/../../canary.txt")]
    [InlineData("C:/canary.txt")]
    [InlineData("canary.txt%00.jpg")]
    [InlineData("nothing/here.jpg")]
    public async Task Nothing_outside_the_folder_can_be_read(string path)
    {
        await StoreAsync("photo.jpg", Samples.Photo);
        await File.WriteAllTextAsync(Path.Combine(Server.Folder, "data", "canary.txt"), "canary");
        using var connection = await Server.ConnectAsync();

        await connection.SendAsync($"GET /public/uploads/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        var answer = await connection.ReadToEndAsync();

        answer.Should().MatchRegex("^HTTP/1.1 (400|404)").And.NotContain("canary\r\n").And.NotContain("root:");
        Encoding.UTF8.GetByteCount(answer).Should().BeLessThan(2000);
    }

    [Fact]
    public async Task What_the_store_keeps_beside_a_file_is_not_served()
    {
        var url = await StoreAsync("photo.jpg", Samples.Photo);
        var root = Path.Combine(Server.Folder, "data", "uploads");
        var served = url["/public/uploads/".Length..].Replace('/', Path.DirectorySeparatorChar);

        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(root, file);
            using var response = await Server.Client.GetAsync("/public/uploads/" + relative.Replace(Path.DirectorySeparatorChar, '/'));
            (response.StatusCode == HttpStatusCode.OK).Should().Be(relative == served, relative);
        }
    }

    private async Task<string> StoreAsync(string name, byte[] content, string query = "")
    {
        var answer = await PostAsync("/uploadStreamSingleToServerDiy/test" + query, new Form().File("file", name, content));
        answer.ShouldBeOk();
        return answer.Data.GetProperty("url").GetString()!;
    }
}
