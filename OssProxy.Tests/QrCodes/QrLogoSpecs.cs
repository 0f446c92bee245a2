using OssProxy.Core.Images;
using OssProxy.Core.QrCodes;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Tests.Api;
using OssProxy.Tests.Videos;

namespace OssProxy.Tests.QrCodes;

/// <summary>What is asked of an engine for a logo.</summary>
public sealed class QrLogoSpecs
{
    private RenderJob? _asked;

    [Fact]
    public async Task A_logo_lies_in_the_middle_and_takes_a_fifth_at_most()
    {
        var store = new WatchedStore(Samples.Photo, "images/logo.jpg");
        var code = QrCode.Of(new QrRequest("https://example.com") { Size = 500, Level = QrLevel.Quartile });

        await Logo().PutAsync(code, store, store.Key, CancellationToken.None);

        var mark = _asked!.Process.Actions.OfType<Watermark>().Should().ContainSingle().Subject;
        (mark.Gravity, mark.Opacity, mark.Image!.Key).Should().Be((Gravity.Center, 100, "images/logo.jpg"));
        var size = mark.Image.Process!.Actions.Should().ContainSingle().Which.Should().BeOfType<Resize>().Subject;
        (size.Width, size.Height).Should().Be((100, 100));
        _asked.Marks["images/logo.jpg"].ToArray().Should().Equal(Samples.Photo);
        _asked.Source.ToArray().Should().Equal(code.ToPng());
    }

    [Fact]
    public async Task A_logo_that_is_not_there_or_too_large_is_refused_before_anybody_draws()
    {
        var code = QrCode.Of(new QrRequest("x"));
        var large = new WatchedStore(new byte[QrLogo.MaxBytes + 1], "images/large.png");

        foreach (var key in new[] { large.Key, ObjectKey.Parse("images/none.png") })
        {
            (await FluentActions.Awaiting(() => Logo().PutAsync(code, large, key, CancellationToken.None)).Should().ThrowAsync<QrException>())
                .Which.Error.Should().Be(QrError.QrLogoRefused);
        }

        _asked.Should().BeNull();
    }

    private QrLogo Logo() => new((job, _, _) =>
    {
        _asked = job;
        return Task.FromResult(new RenderResult { Content = job.Source, MediaType = "image/png" });
    });
}
