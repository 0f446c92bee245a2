using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class AudioSpecs
{
    [Fact]
    public void One_frame_alone_is_no_mp3()
    {
        // 64 kbit/s at 44.1 kHz: 208 bytes, 209 with padding.
        var file = Sample.Bytes("bare.mp3");

        Sample.Identify(file[..208], ".mp3").ShouldBeRefused(RefusalReason.Unknown, "unknown");
        Sample.Identify(file[..1024], ".mp3").ShouldBe("mp3");
    }

    [Fact]
    public void A_frame_header_that_is_followed_by_anything_else_is_no_mp3()
    {
        var file = Sample.Bytes("bare.mp3")[..4096];
        file.AsSpan(4).Fill((byte)'A');

        Sample.Identify(file, ".mp3").IsAccepted.Should().BeFalse();
    }

    [Fact]
    public void One_frame_alone_is_no_aac()
    {
        var file = Sample.Bytes("tone.aac");
        var frame = ((file[3] & 3) << 11) | (file[4] << 3) | (file[5] >> 5);

        Sample.Identify(file[..frame], ".aac").IsAccepted.Should().BeFalse();
        Sample.Identify(file[..(frame + 7)], ".aac").ShouldBe("aac");
    }

    [Theory]
    [InlineData(".mp3", "mp3")]
    [InlineData(null, "mp3")]
    [InlineData(".aac", "aac")]
    public void A_tag_with_a_cover_that_fills_the_head_is_enough(string? extension, string type)
    {
        var head = new byte[FileTypeCatalog.HeadBytes];
        Convert.FromHexString("49443303000000047F7F").CopyTo(head, 0);

        FileTypeCatalog.Identify(head, isWhole: false, extension).ShouldBe(type);
    }

    [Fact]
    public void A_tag_before_anything_but_sound_is_refused()
    {
        byte[] file = [.. Convert.FromHexString("49443303000000000000"), .. "<script>alert(1)</script>"u8];

        Sample.Identify(file, ".mp3").ShouldBeRefused(RefusalReason.Unknown, "broken mp3");
    }

    [Fact]
    public void A_tag_before_aac_is_aac()
    {
        byte[] file = [.. Convert.FromHexString("49443304000000000000"), .. Sample.Bytes("tone.aac")];

        Sample.Identify(file, ".mp3").ShouldBe("aac");
    }

    [Theory]
    [InlineData("#!AMR\nrm -rf ~\n")]
    [InlineData("#!AMR-WB\nrm -rf ~\n")]
    [InlineData("#!AMR\n")]
    public void A_script_that_borrows_the_magic_line_of_amr_is_refused(string text) =>
        Sample.Identify(text, ".amr").IsAccepted.Should().BeFalse();

    [Fact]
    public void A_wave_file_with_padding_before_its_format_is_a_wave_file()
    {
        var wave = Sample.Bytes("tone.wav");
        byte[] file = [.. wave[..12], .. "JUNK"u8, 0x00, 0x10, 0, 0, .. new byte[4096], .. wave[12..]];

        Sample.Identify(file).ShouldBe("wav");
    }

    [Theory]
    [InlineData("5249 4646 2400 0000 5741 5645 6461 7461 0000 0000 0000 0000 0000 0000 0000 0000")] // no format
    [InlineData("5249 4646 2400 0000 5741 5645 666D 7420 1000 0000 0100 0000 401F 0000 803E 0000 0200 1000")] // no channels
    [InlineData("5249 4646 2400 0000 5741 5645 4A55 4E4B FFFF FFFF 0000 0000 0000 0000 0000 0000")] // a chunk of 4 GiB
    public void A_wave_file_without_a_format_is_refused(string hex) =>
        Sample.IdentifyHex(hex).ShouldBeRefused(RefusalReason.Unknown, "broken wav");

    [Fact]
    public void An_ogg_file_of_an_unknown_stream_is_refused()
    {
        var file = Sample.Bytes("opus.ogg");
        "EvilHead"u8.CopyTo(file.AsSpan(file.AsSpan().IndexOf("OpusHead"u8)));

        Sample.Identify(file, ".ogg").ShouldBeRefused(RefusalReason.Unsupported, "ogg of no known stream");
    }
}
