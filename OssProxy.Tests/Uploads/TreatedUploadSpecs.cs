using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;
using OssProxy.Tests.Conformance;
using OssProxy.Tests.Grants;

namespace OssProxy.Tests.Uploads;

/// <summary>A server with an engine of its own: one worker does for these.</summary>
public sealed class TreatingHouse : GrantHouse
{
    protected override (string Key, string Value)[] Settings => [("Images:Workers", "1")];
}

/// <summary>What a class makes of its pictures, at the real doors and with the real engine.</summary>
public sealed class TreatedUploadSpecs(TreatingHouse house) : IClassFixture<TreatingHouse>
{
    private const string Upright = """{"image_process":"image/auto-orient,1","main_color":true,"sha256":true}""";

    [Fact]
    public async Task A_photo_comes_back_upright_without_where_it_was_taken_and_its_record_tells_of_what_is_stored()
    {
        var photo = Samples.Read("orientation-gps.jpg");
        photo.AsSpan().IndexOf("Exif\0\0"u8).Should().BePositive("there is something to take away");

        var answer = await UploadAsync(await house.ClassAsync(Upright), "photo.jpg", photo);

        answer.ShouldBeOk();
        var row = answer.Row;
        var stored = await house.Server.Client.GetByteArrayAsync(row.GetProperty("url").GetString());
        var facts = JpegFacts.Of(stored);
        (facts.Width, facts.Height, facts.Orientation).Should().Be((120, 160, (int?)null));
        stored.AsSpan().IndexOf("Exif"u8).Should().Be(-1);

        var record = (await house.Server.Services.GetRequiredService<ImageLibrary>()
            .FindAsync([row.GetProperty("id").GetInt64()], CancellationToken.None)).Single();
        record.Should().BeEquivalentTo(new
        {
            MediaType = "image/jpeg",
            Size = (long?)stored.Length,
            Width = (int?)120,
            Height = (int?)160,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(stored)),
            OriginalName = "photo.jpg",
        });
        record.MainColor.Should().MatchRegex("^#[0-9a-f]{6}$");
        (row.GetProperty("size").GetInt64(), row.GetProperty("width").GetInt32(), row.GetProperty("height").GetInt32())
            .Should().Be(((long)stored.Length, 120, 160));
        (row.GetProperty("sha256").GetString(), row.GetProperty("main_color").GetString()).Should().Be((record.Sha256, record.MainColor));
        house.Server.SpoolFiles().Should().BeEmpty();
    }

    [Fact]
    public async Task A_photo_of_a_phone_becomes_one_that_browsers_show()
    {
        var answer = await UploadAsync(await house.ClassAsync("""{"heic_to_jpeg":true}"""), "IMG_1.HEIC", Samples.Read("plain.heic"));

        answer.ShouldBeOk();
        var url = answer.Row.GetProperty("url").GetString()!;
        url.Should().EndWith(".jpg");
        answer.Row.GetProperty("mime").GetString().Should().Be("image/jpeg");
        (await house.HeadAsync(url)).ContentType!.MediaType.Should().Be("image/jpeg");
        var facts = JpegFacts.Of(await house.Server.Client.GetByteArrayAsync(url));
        (facts.Width, facts.Height).Should().Be((answer.Row.GetProperty("width").GetInt32(), answer.Row.GetProperty("height").GetInt32()));
    }

    [Fact]
    public async Task A_picture_that_cannot_be_treated_is_refused_and_leaves_nothing()
    {
        var classId = await house.ClassAsync(Upright);
        var (rows, objects) = (await house.Server.RowsAsync(), await house.Server.ObjectsAsync());

        var refused = await UploadAsync(classId, "photo.jpg", Samples.Photo[..(Samples.Photo.Length / 2)]);

        refused.ShouldFail(400, "ImageDamaged");
        (await house.Server.RowsAsync()).Should().Be(rows);
        (await house.Server.ObjectsAsync()).Should().BeEquivalentTo(objects);
        house.Server.SpoolFiles().Should().BeEmpty();
    }

    [Fact]
    public async Task What_the_class_wants_and_a_picture_cannot_give_is_no_matter_of_trying_again()
    {
        var classId = await house.ClassAsync("""{"image_process":"image/crop,x_4000,y_4000"}""");

        var refused = await UploadAsync(classId, "photo.jpg", Samples.Photo);

        refused.ShouldFail(500, "TreatmentFailed");
    }

    [Fact]
    public async Task A_class_takes_no_watermark_that_is_not_there()
    {
        var classId = await house.ClassAsync(Upright);

        // nothing.png
        var refused = await house.PostAsync(
            string.Create(CultureInfo.InvariantCulture, $"/admin/image_class/{classId}/policy"),
            new { image_process = "image/watermark,image_bm90aGluZy5wbmc" },
            ApiServer.AdminKey);

        refused.ShouldFail(422, "FieldInvalid");
        refused.Text.Should().Contain("nothing.png");
        (await UploadAsync(classId, "photo.jpg", Samples.Photo)).ShouldBeOk();
    }

    [Theory]
    [InlineData("""{"image_process":"image/auto-orient,1"}""")]
    [InlineData("""{"heic_to_jpeg":true}""")]
    public async Task Into_such_a_class_nothing_goes_past_the_server(string policy)
    {
        var classId = await house.ClassAsync(policy);
        var (_, token) = await house.UserAsync();

        (await house.PostAsync("/oss/presign", new { file_name = "a.jpg", size = 1000, imageClassId = classId }, token))
            .ShouldFail(409, "ClassTreatsPictures");
        var query = string.Create(CultureInfo.InvariantCulture, $"?file_name=a.jpg&size=1000&imageClassId={classId}");
        (await house.GetAsync("/oss/policy" + query, token))
            .ShouldFail(409, "ClassTreatsPictures");
    }

    private async Task<Answer> UploadAsync(long classId, string name, byte[] content)
    {
        var (_, token) = await house.UserAsync();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/api/chat/uploadAliyun?imageClassId={classId}"))
        {
            Content = new Form().File("img", name, content).ToContent(),
        };
        request.Headers.Add("token", token);
        using var response = await house.Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }
}
