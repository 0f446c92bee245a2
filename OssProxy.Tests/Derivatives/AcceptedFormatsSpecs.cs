using OssProxy.Core.Derivatives;
using OssProxy.Core.Images;

namespace OssProxy.Tests.Derivatives;

public sealed class AcceptedFormatsSpecs
{
    [Theory]
    [InlineData(null, ImageFormat.Source)]
    [InlineData("", ImageFormat.Source)]
    [InlineData("*/*", ImageFormat.Source)]
    [InlineData("image/*", ImageFormat.Source)]
    [InlineData("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", ImageFormat.Avif)]
    [InlineData("image/webp,image/avif", ImageFormat.Avif)]
    [InlineData("image/webp;q=0.9, image/avif;q=0.8", ImageFormat.WebP)]
    [InlineData("image/webp;q=0, image/avif;q=0.0", ImageFormat.Source)]
    [InlineData("IMAGE/WEBP ; Q=0.1", ImageFormat.WebP)]
    [InlineData("image/webp;q=2", ImageFormat.Source)]
    [InlineData("image/webp;q=x", ImageFormat.Source)]
    [InlineData("image/webpx, ximage/webp", ImageFormat.Source)]
    public void The_format_of_the_highest_weight_that_is_named_is_chosen(string? accept, ImageFormat expected) =>
        AcceptedFormats.Choose([ImageFormat.Avif, ImageFormat.WebP], accept).Should().Be(expected);

    [Fact]
    public void The_style_decides_between_equals_and_offers_nothing_else()
    {
        AcceptedFormats.Choose([ImageFormat.WebP, ImageFormat.Avif], "image/avif,image/webp").Should().Be(ImageFormat.WebP);
        AcceptedFormats.Choose([ImageFormat.WebP], "image/avif").Should().Be(ImageFormat.Source);
    }
}
