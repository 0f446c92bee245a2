using OssProxy.Core.Images;

namespace OssProxy.Tests.Images;

/// <summary>The golden vectors, as far as the text and the size of the source tell the answer.</summary>
public sealed class ProcessVectorSpecs
{
    // Errors that the text does not show: they depend on pixels, on an engine's limits, on a store, on the method of the request.
    private static readonly string[] LaterErrors =
    [
        "resize-too-large", "err-crop-outside", "err-rotate-too-large", "err-format-avif-too-large", "err-wm-4-images",
        "err-wm-missing-image", "err-style-missing", "saveas-get", "src-text",
    ];

    // Sizes that arithmetic alone does not give: a turn by any angle, an animation that is not enlarged, what a style stands for.
    private static readonly string[] OtherSizes = ["rotate-70", "gif-no-enlarge", "style-small", "style-panda"];

    public static TheoryData<string> Errors => Ids(vector => vector.IsError && !LaterErrors.Contains(vector.Id));

    public static TheoryData<string> Sizes => Ids(vector => vector.Size is not null && !OtherSizes.Contains(vector.Id));

    [Theory]
    [MemberData(nameof(Errors))]
    public void A_fault_that_the_text_shows_is_found_in_it(string id)
    {
        var vector = ProcessVector.Of(id);

        var fault = FluentActions.Invoking(() => ProcessString.Parse(vector.Process)).Should().Throw<ImageException>().Which;

        fault.Code.Should().Be(vector.Code);
        if (vector.Ec is { } ec)
            fault.Ec.Should().Be(ec);
        if (vector.Message is { } message)
            fault.Message.Should().Be(message);
    }

    [Fact]
    public void Every_other_vector_can_be_read()
    {
        var readable = ProcessVector.All.Where(vector => !vector.IsError || LaterErrors.Contains(vector.Id)).ToList();

        readable.Should().HaveCountGreaterThan(130);
        foreach (var vector in readable)
            FluentActions.Invoking(() => ProcessString.Parse(vector.Process)).Should().NotThrow(vector.Id);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void The_size_of_a_result_is_known_before_a_pixel_is_touched(string id)
    {
        var vector = ProcessVector.Of(id);

        // The vectors allow a pixel here and there; our rounding is theirs, so that nothing is allowed.
        SizeOf(vector).Should().Be(vector.Size!.Value);
    }

    [Fact]
    public void A_crop_that_begins_outside_is_refused_in_the_words_of_the_manual()
    {
        var vector = ProcessVector.Of("err-crop-outside");

        var fault = FluentActions.Invoking(() => SizeOf(vector)).Should().Throw<ImageException>().Which;

        (fault.Error, fault.Code, fault.Message, fault.Ec).Should().Be((ImageError.ProcessRefused, vector.Code!, vector.Message!, null));
    }

    [Fact]
    public void A_fourth_watermark_image_is_read_for_an_engine_to_refuse() =>
        ProcessString.Parse(ProcessVector.Of("err-wm-4-images").Process).Image!.WatermarkKeys
            .Should().Equal("a.png", "b.png", "c.png", "d.png");

    private static (int Width, int Height) SizeOf(ProcessVector vector)
    {
        var process = ProcessString.Parse(vector.Process).Image!;
        var (width, height) = vector.Stored;
        if (process.Orients && vector.LiesOnItsSide)
            (width, height) = (height, width);

        foreach (var action in process.Actions)
        {
            (width, height) = action switch
            {
                Resize resize => Placement.Of(resize, width, height).Result,
                Crop crop => SizeOf(Placement.Of(crop, width, height)),
                IndexCrop crop => SizeOf(Placement.Of(crop, width, height)),
                Circle circle => SizeOf(Placement.Of(circle, width, height).Square),
                Rotate { Degrees: 90 or 270 } => (height, width),
                _ => (width, height),
            };
        }

        return (width, height);
    }

    private static (int Width, int Height) SizeOf(Box box) => (box.Width, box.Height);

    private static TheoryData<string> Ids(Func<ProcessVector, bool> which) =>
        [.. ProcessVector.All.Where(which).Select(vector => vector.Id)];
}
