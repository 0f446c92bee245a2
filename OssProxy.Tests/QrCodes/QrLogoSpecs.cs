using OssProxy.Core.Images;
using OssProxy.Core.QrCodes;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Tests.Api;
using OssProxy.Tests.Rendering;
using OssProxy.Tests.Videos;

namespace OssProxy.Tests.QrCodes;

/// <summary>What is asked of an engine for a logo, and what comes of it.</summary>
public sealed class QrLogoSpecs
{
    private static readonly RenderLimits Limits = new() { ResultSide = 5000 };

    private RenderJob? _asked;
    private string? _blamed;

    [Fact]
    public async Task A_logo_lies_in_the_middle_and_takes_a_fifth_at_most()
    {
        var store = new WatchedStore(Samples.Photo, "images/logo.jpg");
        var code = QrCode.Of(new QrRequest("https://example.com") { Size = 500, Level = QrLevel.Quartile });

        await PutAsync(code, store);

        var mark = _asked!.Process.Actions.OfType<Watermark>().Should().ContainSingle().Subject;
        (mark.Gravity, mark.Opacity, mark.Image!.Key).Should().Be((Gravity.Center, 100, "images/logo.jpg"));
        var size = mark.Image.Process!.Actions.Should().ContainSingle().Which.Should().BeOfType<Resize>().Subject;
        (size.Width, size.Height).Should().Be((100, 100));
        _asked.Marks["images/logo.jpg"].ToArray().Should().Equal(Samples.Photo);
        _asked.Source.ToArray().Should().Equal(code.ToPng());
        _asked.Limits.Should().BeSameAs(Limits);
    }

    [Fact]
    public async Task A_logo_that_brings_an_engine_down_is_to_blame_alone_and_only_as_it_is_now()
    {
        var code = QrCode.Of(new QrRequest("x"));
        async Task<string> BlamedAsync(byte[] content, string key)
        {
            await PutAsync(code, new WatchedStore(content, key));
            return _blamed!;
        }

        var photo = await BlamedAsync(Samples.Photo, "images/logo.jpg");

        (await BlamedAsync(Samples.Photo, "images/copy.jpg")).Should().Be(photo, "it is the bytes that do it");
        (await BlamedAsync(Samples.Read("plain.png"), "images/logo.jpg")).Should().NotBe(photo);
    }

    [Fact]
    public async Task A_code_with_a_logo_can_be_read()
    {
        const int Side = 420;
        const string Text = "https://example.com/#/pages/setpageInfo/setpageInfo?id=33";
        var code = QrCode.Of(new QrRequest(Text) { Size = Side, Level = QrLevel.Quartile });
        var store = new WatchedStore(Samples.Photo, "images/logo.jpg");
        var logo = await QrLogo.ReadAsync(store, store.Key, CancellationToken.None);

        var drawn = await new QrLogo((job, _, _) => Task.FromResult(TestEngine.Shared.Render(job)), new RenderLimits())
            .PutAsync(code, logo, "", CancellationToken.None);

        (drawn.MediaType, drawn.Width, drawn.Height).Should().Be(("image/png", Side, Side));
        var pixels = await QrReader.PixelsAsync(drawn.Content.ToArray(), Side);
        QrReader.Read(pixels, Side).Should().Be(Text);

        // The gradient has greys, a code alone has none; beside the logo nothing has changed.
        int[] grey = [.. Enumerable.Range(0, pixels.Length).Where(at => pixels[at] is > 40 and < 215)];
        grey.Should().NotBeEmpty().And.OnlyContain(at => Math.Abs((at % Side) - 210) <= 44 && Math.Abs((at / Side) - 210) <= 44);
    }

    [Fact]
    public async Task A_logo_that_is_not_there_or_too_large_is_refused()
    {
        var large = new WatchedStore(new byte[QrLogo.MaxBytes + 1], "images/large.png");

        foreach (var key in new[] { large.Key, ObjectKey.Parse("images/none.png") })
        {
            (await FluentActions.Awaiting(() => QrLogo.ReadAsync(large, key, CancellationToken.None)).Should().ThrowAsync<QrException>())
                .Which.Error.Should().Be(QrError.QrLogoRefused);
        }
    }

    private async Task PutAsync(QrCode code, WatchedStore store)
    {
        var logo = await QrLogo.ReadAsync(store, store.Key, CancellationToken.None);
        await new QrLogo(AskAsync, Limits).PutAsync(code, logo, "", CancellationToken.None);
    }

    private Task<RenderResult> AskAsync(RenderJob job, string blamed, CancellationToken cancellationToken)
    {
        (_asked, _blamed) = (job, blamed);
        return Task.FromResult(new RenderResult { Content = job.Source, MediaType = "image/png" });
    }
}
