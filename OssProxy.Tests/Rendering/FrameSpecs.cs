using System.Buffers.Binary;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>The words between pool and worker, of which neither believes the other's.</summary>
public sealed class FrameSpecs
{
    private static readonly RenderLimits Limits = new();

    private static readonly JobHead Job = new(
        "image/resize,w_100/format,webp", ImageFormat.Avif,
        new RenderLimits
        {
            SourceBytes = 1,
            SourceSide = 2,
            SourcePixels = 3,
            Frames = 4,
            ResultSide = 5,
            ResultPixels = 6,
            WatermarkImages = 7,
            RotateSide = 8,
        },
        30, [("标志.png", 7), ("b", 0)]);

    [Fact]
    public void A_job_arrives_as_it_was_sent()
    {
        var bytes = Job.Write().Span;
        var frame = FrameHead.Read(bytes, mostBody: 37);

        frame.Should().Be(new FrameHead(FrameKind.Job, bytes.Length - FrameHead.Length, 37));
        JobHead.Read(bytes[FrameHead.Length..], 37).Should().BeEquivalentTo(Job);
    }

    [Fact]
    public void A_result_a_refusal_and_a_report_arrive_as_they_were_sent()
    {
        var result = new ResultHead("image/webp", 10, 20, 3, Unchanged: true);
        var refusal = new ImageException(ImageError.ImageDamaged, "ImageDamage", "图片坏了", "0040-00000020");

        ResultHead.Read(Body(result.Write(0)), Limits).Should().Be(result);
        RefusalHead.Read(Body(RefusalHead.Write(refusal))).Should().BeEquivalentTo(
            refusal,
            all => all.Including(one => one.Error).Including(one => one.Code).Including(one => one.Message).Including(one => one.Ec));
        ReportHead.Read(Body(ReportHead.Write(ScriptedWorker.Report))).Should().BeEquivalentTo(ScriptedWorker.Report);
    }

    [Fact]
    public void The_first_bytes_are_these()
    {
        var bytes = new ResultHead("image/png", 1, 2, 1, Unchanged: false).Write(0x0102030405);

        Convert.ToHexString(bytes.Span[..16]).Should().Be("4F525703" + "1A000000" + "0504030201000000");
    }

    [Theory]
    [InlineData("4F5257031A0000000504030201000000", "longer than it may be")]
    [InlineData("4F525703FFFFFFFF0000000000000000", "longer than it may be")]
    [InlineData("4F525703010001000000000000000000", "longer than it may be")]
    [InlineData("4F52570300000000FFFFFFFFFFFFFFFF", "longer than it may be")]
    [InlineData("4F525709000000000000000000000000", "no frame")]
    [InlineData("70726F6772657373203A203130302520", "no frame")]
    public void Lengths_beyond_their_bounds_and_stray_text_are_no_frame(string hex, string said)
    {
        var read = () => FrameHead.Read(Convert.FromHexString(hex), mostBody: 1000);

        read.Should().Throw<InvalidDataException>().WithMessage($"*{said}*");
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("image/svg+xml")]
    [InlineData("image/png; x")]
    [InlineData("application/javascript")]
    [InlineData("")]
    public void A_worker_that_was_taken_over_can_answer_no_page(string type)
    {
        var bytes = new ResultHead(type, 1, 1, 1, Unchanged: false).Write(0);

        var read = () => ResultHead.Read(Body(bytes), Limits);

        read.Should().Throw<InvalidDataException>();
    }

    [Theory]
    [InlineData(-1, 1, 1)]
    [InlineData(1, 16_385, 1)]
    [InlineData(1, 1, 301)]
    public void A_result_is_not_larger_than_it_may_be(int width, int height, int frames)
    {
        var bytes = new ResultHead("image/png", width, height, frames, Unchanged: false).Write(0);

        var read = () => ResultHead.Read(Body(bytes), Limits);

        read.Should().Throw<InvalidDataException>();
    }

    [Theory]
    [InlineData(16_777_216, 50_000_000, 201_048_576)] // as large as the source: a BMP with alpha
    [InlineData(16_777_216, 1, 135_266_304)]
    [InlineData(1, 250_000_000, 1_001_048_576)]
    [InlineData(long.MaxValue, long.MaxValue, 1 << 30)]
    [InlineData(long.MinValue, long.MinValue, 1 << 20)]
    public void The_pool_takes_what_either_limit_allows_and_never_more_than_a_gigabyte(long result, long source, long bytes)
    {
        var limits = Limits with { ResultPixels = result, SourcePixels = source };
        var head = new ResultHead("image/bmp", 1, 1, 1, Unchanged: false);

        ResultHead.MostBytes(limits).Should().Be(bytes);
        head.IsWithin(limits, bytes).Should().BeTrue();
        head.IsWithin(limits, bytes + 1).Should().BeFalse();
    }

    [Fact]
    public void The_parts_of_a_job_are_together_as_long_as_its_body()
    {
        var bytes = Job.Write();

        var longer = () => JobHead.Read(Body(bytes), 38);

        longer.Should().Throw<InvalidDataException>();
        var negative = () => JobHead.Read(Body((Job with { SourceLength = -7, Marks = [("a", 44)] }).Write()), 37);
        negative.Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void A_head_of_more_than_64_KiB_is_not_sent()
    {
        var write = () => (Job with { Process = new string('x', 70_000) }).Write();

        write.Should().Throw<InvalidDataException>();
    }

    /// <summary>Every cut, every changed byte and every length that could be written in: an answer that is one, or our exception; no
    /// other, and no memory for what is only announced.</summary>
    [Fact]
    public void Whatever_is_changed_in_a_head_it_is_read_or_refused()
    {
        var random = new Random(7);
        byte[][] heads =
        [
            Body(Job.Write()).ToArray(), Body(new ResultHead("image/webp", 10, 20, 3, Unchanged: false).Write(5)).ToArray(),
            Body(RefusalHead.Write(RenderFaults.Damaged())).ToArray(), Body(ReportHead.Write(ScriptedWorker.Report)).ToArray(),
        ];
        Action<byte[]>[] readers =
        [
            bytes => JobHead.Read(bytes, 37), bytes => ResultHead.Read(bytes, Limits), bytes => RefusalHead.Read(bytes),
            bytes => ReportHead.Read(bytes),
        ];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tried = 0;

        for (var kind = 0; kind < heads.Length; kind++)
        {
            foreach (var bytes in Changed(heads[kind], random))
            {
                tried++;
                try
                {
                    readers[kind](bytes);
                }
                catch (InvalidDataException)
                {
                    // Refused.
                }
            }
        }

        tried.Should().BeGreaterThan(3000);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(tried * 20_000L);
    }

    private static IEnumerable<byte[]> Changed(byte[] head, Random random)
    {
        for (var at = 0; at < head.Length; at++)
            yield return head[..at];
        yield return [.. head, 0];
        foreach (var length in new[] { -1, int.MinValue, int.MaxValue, -2, 65_536, 16_777_216 })
        {
            for (var at = 0; at <= head.Length - 4; at++)
            {
                var bytes = head.ToArray();
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), length);
                yield return bytes;
            }
        }

        for (var i = 0; i < 500; i++)
        {
            var bytes = head.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            yield return bytes;
        }
    }

    private static ReadOnlySpan<byte> Body(ReadOnlyMemory<byte> frame) => frame.Span[FrameHead.Length..];
}
