using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class PictureSpecs
{
    [Theory]
    [InlineData("GIF89a/*<svg/onload=alert(1)>*/=alert(1)//")]
    [InlineData("GIF89a=1;alert(document.cookie);")]
    [InlineData("GIF87a;alert(1);aaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Text_that_only_begins_like_a_gif_is_refused(string text)
    {
        Sample.Identify(text).IsAccepted.Should().BeFalse();
        Sample.Identify(text, ".gif").IsAccepted.Should().BeFalse();
        Sample.Identify(text, ".txt").IsAccepted.Should().BeFalse();
    }

    [Theory]
    [InlineData("BMW and Audi are makers of cars, and this is a text.", "txt")]
    [InlineData("BM\n\n\n\nA title that is short\n", "txt")]
    public void Text_that_begins_with_the_letters_of_a_bitmap_is_text(string text, string type) =>
        Sample.Identify(text, ".txt").ShouldBe(type);

    [Theory]
    [InlineData(14, 41)] // a DIB header of no known size
    [InlineData(26, 2)] // two planes
    [InlineData(28, 5)] // five bits per pixel
    [InlineData(6, 1)] // reserved
    [InlineData(10, 20)] // pixels inside the header
    public void A_bitmap_with_an_implausible_header_is_refused(int offset, byte value)
    {
        var file = Sample.Bytes("plain.bmp");
        file[offset] = value;

        Sample.Identify(file, ".bmp").IsAccepted.Should().BeFalse();
    }

    [Theory]
    [InlineData("4D4D 002A 0000 0004 0001 0100 0003 0000 0001 0000")] // directory inside the header
    [InlineData("4949 2A00 0800 0000 0000 0000 0000 0000 0000 0000 0000")] // no entries
    [InlineData("4949 2A00 0800 0000 0100 0001 FF00 0100 0000 0000 0000")] // a field of kind 255
    [InlineData("4949 2A00 FFFF FF7F 0000")] // directory beyond the end of the file
    public void A_tiff_with_an_implausible_directory_is_refused(string hex) =>
        Sample.IdentifyHex(hex).ShouldBeRefused(RefusalReason.Unknown, "broken tiff");

    [Fact]
    public void A_tiff_whose_directory_stands_at_its_end_is_a_tiff()
    {
        var head = new byte[FileTypeCatalog.HeadBytes];
        Convert.FromHexString("4D4D002A00100000").CopyTo(head, 0);

        FileTypeCatalog.Identify(head, isWhole: false, ".TIFF").ShouldBe("tiff");
    }

    [Fact]
    public void A_raw_photo_is_no_tiff() =>
        Sample.Identify(Sample.Bytes("plain.tif"), ".NEF").ShouldBeRefused(RefusalReason.Unsupported, "raw photo");

    [Theory]
    [InlineData("8950 4E47 0D0A 1A0A 0000 000D 4948 4452 0000 0000 0000 0010 0802 0000 0000 0000 00")] // no width
    [InlineData("8950 4E47 0D0A 1A0A 0000 000D 4948 4452 0000 0010 8000 0000 0802 0000 0000 0000 00")] // 2³¹ rows
    [InlineData("8950 4E47 0D0A 1A0A 3C73 6372 6970 743E 616C 6572 7428 3129 3C2F 7363 7269 7074 3E")] // <script>
    public void A_png_without_a_true_header_is_refused(string hex) =>
        Sample.IdentifyHex(hex, ".png").ShouldBeRefused(RefusalReason.Unknown, "broken png");

    [Fact]
    public void A_jpeg_whose_metadata_fills_the_head_is_a_jpeg()
    {
        var head = new byte[FileTypeCatalog.HeadBytes];
        Convert.FromHexString("FFD8FFE1FFFE").CopyTo(head, 0);
        "Exif\0\0<?php system('id'); ?>"u8.CopyTo(head.AsSpan(6));

        FileTypeCatalog.Identify(head, isWhole: false, ".php").ShouldBe("jpeg");
    }

    [Theory]
    [InlineData("FFD8 FF3C 7363 7269 7074 3E")]
    [InlineData("FFD8 FFE0 0001 4A46 4946")]
    [InlineData("FFD8 FFE0")]
    public void Three_bytes_make_no_jpeg(string hex) =>
        Sample.IdentifyHex(hex).ShouldBeRefused(RefusalReason.Unknown, "broken jpeg");

    [Fact]
    public void A_webp_without_its_chunk_is_refused() =>
        Sample.Identify("RIFF\u0010\0\0\0WEBP<script>alert(1)</script>").ShouldBeRefused(RefusalReason.Unknown, "broken webp");
}
