using OssProxy.Core.Rendering;

namespace OssProxy.Tests.Rendering;

public sealed class ExifTagsSpecs
{
    [Fact]
    public void Values_are_written_as_the_image_service_of_OSS_writes_them() =>
        ExifTags.Read(TestPictures.Exif(6)).Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["Make"] = "ABC",
            ["Orientation"] = "6",
            ["GPSTag"] = "50",
            ["GPSLatitudeRef"] = "North",
            ["GPSLatitude"] = "31deg 13' 50\"",
        });

    [Fact]
    public void Fractions_stay_fractions()
    {
        byte[] exif =
            [.. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, .. TestPictures.Entry(0x011A, 5, 1, 26), 0, 0, 0, 0, 0, 0, 0, 96, 0, 0, 0, 1];

        ExifTags.Read(exif).Should().ContainSingle().Which.Value.Should().Be("96/1");
    }

    [Fact]
    public void A_table_that_points_to_itself_is_read_once()
    {
        byte[] exif = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, .. TestPictures.Entry(0x8769, 4, 1, 8), 0, 0, 0, 8];

        ExifTags.Read(exif).Should().ContainSingle().Which.Key.Should().Be("ExifTag");
    }

    [Fact]
    public void Nothing_that_it_says_is_believed()
    {
        var random = new Random(3);
        var exif = TestPictures.Exif(1);
        for (var length = 0; length < exif.Length; length++)
            ExifTags.Read(exif.AsSpan(0, length));
        for (var round = 0; round < 20_000; round++)
        {
            var copy = exif.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                copy[random.Next(copy.Length)] = (byte)random.Next(256);
            ExifTags.Read(copy);
        }
    }
}
