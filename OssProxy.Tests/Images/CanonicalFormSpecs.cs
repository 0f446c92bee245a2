using OssProxy.Core.Images;

namespace OssProxy.Tests.Images;

/// <summary>One picture, one spelling: results are kept under it.</summary>
public sealed class CanonicalFormSpecs
{
    [Theory]
    [InlineData("image/resize,m_lfit,h_080,w_150,limit_1,color_ffffff", "image/resize,w_150,h_80")]
    [InlineData("image/resize,w_100/", "image/resize,w_100")]
    [InlineData("image/resize,w_100,", "image/resize,w_100")]
    [InlineData("image/resize,w_100|image/rotate,90|image/format,jpeg", "image/resize,w_100/rotate,90/format,jpg")]
    [InlineData("image/resize,m_pad,w_9,color_ff00aa", "image/resize,m_pad,w_9,color_FF00AA")]
    [InlineData("image/resize,m_fill,w_9,color_ff00aa", "image/resize,m_fill,w_9")]
    [InlineData("image/resize,p_50,w_100", "image/resize,w_100")]
    [InlineData("image/resize,l_9,s_8,h_100", "image/resize,h_100")]
    [InlineData("image/resize,s_8,l_9,p_10", "image/resize,l_9,s_8")]
    [InlineData("image/resize,p_200,limit_0,m_fixed", "image/resize,p_200")]
    [InlineData("image/resize,w_1,limit_0", "image/resize,w_1,limit_0")]
    [InlineData("image/crop,h_5,w_0,x_0,g_nw", "image/crop,h_5")]
    [InlineData("image/crop,g_nw", "image/crop,w_0")]
    [InlineData("image/crop,g_se,y_2,x_1", "image/crop,x_1,y_2,g_se")]
    [InlineData("image/indexcrop,i_0,x_7", "image/indexcrop,x_7")]
    [InlineData("image/indexcrop,x_7,y_8,i_2", "image/indexcrop,y_8,i_2")]
    [InlineData("image/circle,r_7", "image/circle,r_7")]
    [InlineData("image/rounded-corners,r_7", "image/rounded-corners,r_7")]
    [InlineData("image/auto-orient,1/rotate,0", "image/auto-orient,1/rotate,0")]
    [InlineData("image/blur,s_2,r_3", "image/blur,r_3,s_2")]
    [InlineData("image/bright,-50/contrast,-0/sharpen,50", "image/bright,-50/contrast,0/sharpen,50")]
    [InlineData("image/quality,q_90,Q_80", "image/quality,Q_80")]
    [InlineData("image/quality,q_90", "image/quality,q_90")]
    [InlineData("image/interlace,1/interlace,0", "image/interlace,1/interlace,0")]
    [InlineData("image/info,", "image/info")]
    [InlineData("image/average-hue", "image/average-hue")]
    [InlineData(
        "image/watermark,text_YQ==,g_se,x_10,y_10,t_100,size_40,color_000000,type_d3F5LXplbmhlaQ,align_2", "image/watermark,text_YQ")]
    [InlineData(
        "image/watermark,t_1,interval_9,fill_1,order_1,text_YQ,image_YQ,voffset_-3,y_0,x_0,g_north,rotate_1,shadow_2,size_5,color_abcdef",
        "image/watermark,image_YQ,text_YQ,color_ABCDEF,size_5,shadow_2,rotate_1,fill_1,t_1,g_north,x_0,y_0,voffset_-3,order_1,interval_9")]
    // a.png?x-oss-process=image/rotate,90/crop,h_5,w_10/ and the same with w before h and no slash.
    [InlineData(
        "image/watermark,image_YS5wbmc_eC1vc3MtcHJvY2Vzcz1pbWFnZS9yb3RhdGUsOTAvY3JvcCxoXzUsd18xMC8=",
        "image/watermark,image_YS5wbmc_eC1vc3MtcHJvY2Vzcz1pbWFnZS9yb3RhdGUsOTAvY3JvcCx3XzEwLGhfNQ")]
    public void Spellings_of_one_process_become_one(string text, string canonical)
    {
        var process = ProcessString.Parse(text).Image!;
        var again = ProcessString.Parse(canonical).Image!;

        (process.Canonical, again.Canonical).Should().Be((canonical, canonical));
        again.Actions.Should().Equal(process.Actions);
        (again, again.GetHashCode(), again.ToString()).Should().Be((process, process.GetHashCode(), canonical));
    }

    [Fact]
    public void Processes_that_differ_have_different_spellings()
    {
        string[] texts =
        [
            "image/resize,w_100", "image/resize,h_100", "image/resize,l_100", "image/resize,s_100", "image/resize,p_100",
            "image/resize,w_100,limit_0", "image/resize,m_mfit,w_100", "image/resize,m_fill,w_100", "image/resize,m_pad,w_100",
            "image/resize,m_pad,w_100,color_FFFFFE", "image/resize,m_fixed,w_100",
            "image/resize,w_100/rotate,90", "image/rotate,90/resize,w_100",
            "image/crop,w_100", "image/crop,h_100", "image/crop,x_100", "image/crop,y_100", "image/crop,w_100,g_north",
            "image/indexcrop,x_100", "image/indexcrop,y_100", "image/indexcrop,x_100,i_1", "image/quality,q_100", "image/quality,Q_100",
            "image/watermark,text_YQ", "image/watermark,image_YQ", "image/watermark,text_YQ,image_YQ",
            "image/watermark,text_YQ,order_1,image_YQ",
            "image/auto-orient,0", "image/auto-orient,1", "image/interlace,0", "image/interlace,1", "image/format,jpg", "image/format,png",
        ];

        texts.Select(text => ProcessString.Parse(text).Image).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void What_concerns_the_whole_picture_counts_wherever_it_stands()
    {
        var process = ProcessString.Parse(
            "image/format,png/auto-orient,0/quality,Q_9/interlace,0/resize,w_1/format,webp/quality,q_7/interlace,1").Image!;
        (process.Format, process.Quality, process.Interlace, process.Orients)
            .Should().Be((ImageFormat.WebP, new Quality(7, null), true, false));

        var plain = ProcessString.Parse("image/resize,w_1").Image!;
        (plain.Format, plain.Quality, plain.Interlace, plain.Orients).Should().Be((ImageFormat.Source, null, null, true));
    }

    [Fact]
    public void A_process_can_be_made_without_a_string()
    {
        var process = ImageProcess.Of([new AutoOrient(On: true), new Resize { LongSide = 2000 }]);

        process.Should().Be(ProcessString.Parse("image/auto-orient,1/resize,l_2000").Image);
        FluentActions.Invoking(() => ImageProcess.Of([])).Should().Throw<ArgumentException>();
    }
}
