using System.Buffers.Text;
using System.Text;
using OssProxy.Core.Images;

namespace OssProxy.Tests.Images;

/// <summary>The grammar of <c>x-oss-process</c>, where the golden vectors are silent.</summary>
public sealed class ProcessStringSpecs
{
    [Theory]
    [InlineData("", 212)]
    [InlineData("image", 212)]
    [InlineData("image//resize,w_1", 212)]
    [InlineData("image/resize,w_1//", 212)]
    [InlineData("image/resize,w_1|", 212)]
    [InlineData("image/,w_1", 212)]
    [InlineData("photo/resize,w_1", 213)]
    [InlineData("IMAGE/resize,w_1", 213)]
    [InlineData("image/Resize,w_1", 213)]
    [InlineData("image/blindwatermark,content_YQ", 213)]
    [InlineData("image/ resize,w_1", 213)]
    [InlineData("image/resize,w_", 312)]
    [InlineData("image/resize,w", 312)]
    [InlineData("image/resize,w_1.5", 312)]
    [InlineData("image/resize,w_+1", 312)]
    [InlineData("image/resize,w_ 1", 312)]
    [InlineData("image/resize,w_１", 312)]
    [InlineData("image/resize,w_99999999999999999999", 312)]
    [InlineData("image/resize,h_0,w_0", 321)]
    [InlineData("image/resize,w_0,h_1", 312)]
    [InlineData("image/resize,h_0", null)]
    [InlineData("image/resize,m_LFIT,w_1", 311)]
    [InlineData("image/resize,w_1,limit_2", 319)]
    [InlineData("image/resize,w_1,color_FFF", 318)]
    [InlineData("image/resize,w_1,color_GGGGGG", 318)]
    [InlineData("image/resize,w_1,s_16385", 315)]
    [InlineData("image/resize,w_1,p_0", 317)]
    [InlineData("image/resize,m_fill", null)]
    [InlineData("image/resize,P_10", null)]
    [InlineData("image/resize,w_1,w_1", null)]
    [InlineData("image/resize,w_1,,h_1", null)]
    [InlineData("image/resize,w_1,,", null)]
    [InlineData("image/resize,z_1", null)]
    [InlineData("image/crop", null)]
    [InlineData("image/crop,x_-1", null)]
    [InlineData("image/crop,x_-0", null)]
    [InlineData("image/crop,g_face", null)]
    [InlineData("image/indexcrop,i_0", null)]
    [InlineData("image/indexcrop,x_1,i_a", 229)]
    [InlineData("image/indexcrop,y_-5", 230)]
    [InlineData("image/circle", 233)]
    [InlineData("image/circle,r_0", 233)]
    [InlineData("image/rounded-corners,r_0", 237)]
    [InlineData("image/rounded-corners", 237)]
    [InlineData("image/rotate", 217)]
    [InlineData("image/rotate,-90", 217)]
    [InlineData("image/rotate,361", 217)]
    [InlineData("image/auto-orient", 214)]
    [InlineData("image/auto-orient,", 214)]
    [InlineData("image/auto-orient,2", 215)]
    [InlineData("image/blur,r_3", 242)]
    [InlineData("image/blur,s_3", 241)]
    [InlineData("image/blur,r_51,s_3", 241)]
    [InlineData("image/bright,-101", 246)]
    [InlineData("image/bright,--1", 246)]
    [InlineData("image/contrast", null)]
    [InlineData("image/sharpen,400", 280)]
    [InlineData("image/format,JPG", 206)]
    [InlineData("image/format,svg", 206)]
    [InlineData("image/format,jpg,png", 203)]
    [InlineData("image/quality,90", 310)]
    [InlineData("image/quality,q_0", 309)]
    [InlineData("image/quality,q_101,Q_1", 309)]
    [InlineData("image/interlace,2", null)]
    [InlineData("image/info,1", null)]
    [InlineData("image/info/average-hue", null)]
    [InlineData("image/resize,w_1|image/average-hue", null)]
    [InlineData("image/watermark", null)]
    [InlineData("image/watermark,g_se", null)]
    [InlineData("image/watermark,image", null)]
    [InlineData("image/watermark,text_", 258)]
    [InlineData("image/watermark,text_ICA", 258)]
    [InlineData("image/watermark,text_YQpi", null)]
    [InlineData("image/watermark,text_YeKAqGI", null)]
    [InlineData("image/watermark,text_YQ,type_V1FZLXplbmhlaQ", 251)]
    [InlineData("image/watermark,text_YQ,size_1001", 256)]
    [InlineData("image/watermark,text_YQ,g_middle", null)]
    [InlineData("image/watermark,text_YQ,voffset_-1001", 268)]
    [InlineData("image/watermark,text_YQ,t_-1", 263)]
    [InlineData("image/watermark,image_L2EucG5n", null)]
    [InlineData("image/watermark,image_YS8uLi9iLnBuZw", null)]
    [InlineData("image/watermark,image_YQpi", null)]
    [InlineData("style/", null)]
    [InlineData("style/a/b", null)]
    [InlineData("style/小", null)]
    [InlineData("style/a|image/resize,w_1", null)]
    [InlineData("image/resize,w_1|style/a", null)]
    [InlineData("sys/saveas,o_YQ", null)]
    [InlineData("image/resize,w_1|sys/delete,o_YQ", 213)]
    [InlineData("image/resize,w_1|sys/saveas", null)]
    [InlineData("image/resize,w_1|sys/saveas,o_L2EucG5n", null)]
    [InlineData("image/resize,w_1|sys/saveas,o_YQ,b_VGU", null)]
    [InlineData("image/resize,w_1|sys/saveas,o_YQ|sys/saveas,o_YQ", null)]
    [InlineData("image/resize,w_1|sys/saveas,o_YQ|image/rotate,90", null)]
    [InlineData("video/snapshot", null)]
    [InlineData("video/snapshot,t_-1", null)]
    [InlineData("video/snapshot,t_0,f_gif", null)]
    [InlineData("video/snapshot,t_0,m_slow", null)]
    [InlineData("video/snapshot,t_0,ar_1", null)]
    [InlineData("video/info", 213)]
    [InlineData("video/", 212)]
    [InlineData("video/snapshot,t_0|image/resize,w_1", null)]
    public void A_fault_is_an_invalid_argument_with_the_number_that_OSS_names(string text, int? ec)
    {
        var fault = Fault(text);

        (fault.Error, fault.Code).Should().Be((ImageError.ProcessInvalid, "InvalidArgument"));
        fault.Ec.Should().Be(ec is null ? null : $"0040-00000{ec}");
    }

    [Theory]
    [InlineData("image/watermark,text_Y", 257)]
    [InlineData("image/watermark,text_YW I", 257)]
    [InlineData("image/watermark,text_YQ===", 257)]
    [InlineData("image/watermark,text_YT8+Yg", 257)]
    [InlineData("image/watermark,text___4", 257)]
    [InlineData("image/watermark,image___4", 265)]
    [InlineData("image/watermark,text_YR", 257)]
    [InlineData("image/watermark,text_YQ,type_Y", 250)]
    [InlineData("image/watermark,text_YQ,type_*", 250)]
    [InlineData("image/watermark,text_YQ,type", 250)]
    public void What_is_not_Base64_of_UTF8_is_refused_as_such(string text, int ec)
    {
        var fault = Fault(text);

        (fault.Error, fault.Code, fault.Message).Should().Be((ImageError.ProcessRefused, "BadRequest", "Input is not base64 decoding."));
        fault.Ec.Should().Be($"0040-00000{ec}");
    }

    [Theory]
    [InlineData("resize,w_10/watermark,text_YQ", 373)]
    [InlineData("watermark,text_YQ", 373)]
    [InlineData("circle,r_10", null)]
    [InlineData("quality,q_10", null)]
    [InlineData("format,png", null)]
    [InlineData("resize,P_0", null)]
    [InlineData("resize,P_101", null)]
    [InlineData("resize,P_10,w_10", null)]
    [InlineData("", 212)]
    [InlineData("resize,w_10|image/rotate,90", 312)]
    public void A_watermark_s_image_can_only_be_prepared_with_what_changes_its_shape(string actions, int? ec)
    {
        var fault = Fault("image/watermark,image_" + Base64("a.png?x-oss-process=image/" + actions));

        (fault.Error, fault.Ec).Should().Be((ImageError.ProcessInvalid, ec is null ? null : $"0040-00000{ec}"));
    }

    [Theory]
    [InlineData("a.png", "a.png", null)]
    [InlineData("images/watermark.png", "images/watermark.png", null)]
    [InlineData("a?b.png", "a?b.png", null)]
    [InlineData("图/标.png?x-oss-process=image/resize,P_30", "图/标.png", "image/resize,P_30")]
    [InlineData("a?x-oss-process=image/rotate,90/crop,h_5,w_10/", "a", "image/rotate,90/crop,w_10,h_5")]
    [InlineData("a?x-oss-process=image/indexcrop,x_9/rounded-corners,r_3", "a", "image/indexcrop,x_9/rounded-corners,r_3")]
    public void A_watermark_s_image_is_a_key_and_perhaps_what_is_done_to_it(string value, string key, string? process)
    {
        var mark = Image("image/watermark,image_" + Base64(value)).Actions
            .Should().ContainSingle().Which.Should().BeOfType<Watermark>().Subject;

        mark.Image!.Key.Should().Be(key);
        mark.Image.Process?.Canonical.Should().Be(process);
        (mark.Image.Process is null).Should().Be(process is null);
    }

    [Fact]
    public void The_longest_key_of_a_watermark_has_1023_bytes()
    {
        Image("image/watermark,image_" + Base64(new string('a', 1023))).WatermarkKeys.Should().ContainSingle();
        Fault("image/watermark,image_" + Base64(new string('a', 1024))).Error.Should().Be(ImageError.ProcessInvalid);
    }

    [Fact]
    public void Each_parameter_of_a_watermark_arrives_where_it_belongs() =>
        Image("image/watermark,image_YQ,text_5rC05Y2w,type_ZmFuZ3poZW5na2FpdGk,color_0a0B0c,size_7,shadow_8,rotate_9,fill_1,t_11," +
            "g_west,x_12,y_13,voffset_-14,order_1,align_1,interval_15").Actions.Should().Equal(new Watermark
            {
                Image = new WatermarkImage("a", Process: null),
                Text = "水印",
                Font = "fangzhengkaiti",
                Color = new Rgb(10, 11, 12),
                Size = 7,
                Shadow = 8,
                Rotate = 9,
                Fill = true,
                Opacity = 11,
                Gravity = Gravity.West,
                X = 12,
                Y = 13,
                VerticalOffset = -14,
                TextFirst = true,
                Align = 1,
                Interval = 15,
            });

    [Fact]
    public void Text_of_64_bytes_is_the_longest()
    {
        Image("image/watermark,text_" + Base64(new string('水', 21) + "a")).Actions.Should().ContainSingle();
        Fault("image/watermark,text_" + Base64(new string('水', 21) + "ab")).Ec.Should().Be("0040-00000259");
    }

    [Fact]
    public void Every_font_of_OSS_has_a_stand_in() =>
        WatermarkFonts.Names.Should().HaveCount(7).And.OnlyContain(name => WatermarkFonts.Families(name).Length > 0);

    [Fact]
    public void Six_watermark_images_are_read_and_seven_are_not()
    {
        Image("image/" + string.Join('/', Enumerable.Repeat("watermark,image_YQ", 6))).WatermarkKeys.Should().Equal("a");

        var fault = Fault("image/" + string.Join('/', Enumerable.Repeat("watermark,image_YQ", 7)));
        (fault.Error, fault.Code, fault.Ec).Should().Be((ImageError.WatermarkRefused, "WatermarkError", "0040-00000026"));
    }

    [Fact]
    public void Five_stages_are_read_and_six_are_not()
    {
        Image(string.Join('|', Enumerable.Repeat("image/rotate,90", 5))).Actions.Should().HaveCount(5);

        var fault = Fault(string.Join('|', Enumerable.Repeat("image/rotate,90", 6)));
        (fault.Error, fault.Code, fault.Ec).Should().Be((ImageError.TooManyPipes, "TooManyPipes", "0040-00000211"));
    }

    [Fact]
    public void Twenty_actions_are_read_and_a_text_of_2048_bytes_but_no_more()
    {
        Image("image/" + string.Join('/', Enumerable.Repeat("rotate,90", 20))).Actions.Should().HaveCount(20);
        Fault("image/" + string.Join('/', Enumerable.Repeat("rotate,90", 21))).Error.Should().Be(ImageError.ProcessInvalid);

        Image("image/rotate," + new string('0', 2048 - 13)).Actions.Should().Equal(new Rotate(0));
        Fault("image/rotate," + new string('0', 2049 - 13)).Error.Should().Be(ImageError.ProcessInvalid);
    }

    [Fact]
    public void A_message_quotes_a_value_short_and_without_anything_that_XML_cannot_carry()
    {
        var fault = Fault("image/resize,w_\u0001\uFFFF\uD800" + new string('x', 500));

        fault.Message.Should().Be($"The value: ??\uFFFD{new string('x', 61)}… of parameter: w is invalid.");
    }

    [Fact]
    public void A_style_is_a_name_of_1_to_63_letters_digits_and_signs()
    {
        ProcessString.Parse("style/A-b_c.9").Should().Be(new ProcessString { Style = "A-b_c.9" });
        ProcessString.Parse("style/" + new string('a', 63)).Style.Should().HaveLength(63);
        Fault("style/" + new string('a', 64)).Message.Should().EndWith("of parameter: stylename is invalid.");
    }

    [Fact]
    public void A_result_can_be_saved_whatever_it_is_made_from()
    {
        ProcessString.Parse("image/resize,w_1|sys/saveas,o_dGVzdC5qcGc,b_dGVzdA==/").SaveAs.Should().Be(new SaveAs("test.jpg", "test"));
        ProcessString.Parse("style/a|sys/saveas,o_dGVzdC5qcGc").SaveAs.Should().Be(new SaveAs("test.jpg", Bucket: null));
        ProcessString.Parse("video/snapshot,t_0|sys/saveas,o_dGVzdC5qcGc").SaveAs.Should().NotBeNull();
    }

    [Theory]
    [InlineData("video/snapshot,t_0", 0, 0, 0, ImageFormat.Jpeg, false, SnapshotTurn.None, "video/snapshot,t_0")]
    [InlineData(
        "video/snapshot,f_png,t_1500,w_800,h_0", 1500, 800, 0, ImageFormat.Png, false, SnapshotTurn.None,
        "video/snapshot,t_1500,f_png,w_800")]
    [InlineData(
        "video/snapshot,t_7,f_jpg,m_fast,ar_auto", 7, 0, 0, ImageFormat.Jpeg, true, SnapshotTurn.AsRecorded,
        "video/snapshot,t_7,m_fast,ar_auto")]
    [InlineData("video/snapshot,t_7,h_9,ar_h", 7, 0, 9, ImageFormat.Jpeg, false, SnapshotTurn.Portrait, "video/snapshot,t_7,h_9,ar_h")]
    [InlineData("video/snapshot,t_7,ar_w,", 7, 0, 0, ImageFormat.Jpeg, false, SnapshotTurn.Landscape, "video/snapshot,t_7,ar_w")]
    public void A_picture_of_a_video_is_one_moment_of_it(
        string text, int milliseconds, int width, int height, ImageFormat format, bool fast, SnapshotTurn turn, string canonical)
    {
        var snapshot = ProcessString.Parse(text).Snapshot;

        snapshot.Should().Be(new Snapshot(
            TimeSpan.FromMilliseconds(milliseconds), width, height, format, fast, turn is not SnapshotTurn.None, canonical)
        {
            Turn = turn,
        });
        ProcessString.Parse(canonical).Snapshot.Should().Be(snapshot);
    }

    private static ImageProcess Image(string text) => ProcessString.Parse(text).Image!;

    private static ImageException Fault(string text) =>
        FluentActions.Invoking(() => ProcessString.Parse(text)).Should().Throw<ImageException>(text).Which;

    private static string Base64(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
