using System.Buffers.Binary;
using OssProxy.Core.Rendering.Bmp;

namespace OssProxy.Tests.Rendering;

public sealed class BmpSpecs
{
    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(7, 5, 3)]
    [InlineData(6, 9, 4)]
    public void What_is_written_reads_as_it_was(int width, int height, int bands)
    {
        var picture = TestPictures.Quarters(width, height, bands);

        var read = BmpReader.Read(BmpWriter.Write(picture));

        read.Should().BeEquivalentTo(picture);
    }

    [Fact]
    public void Opacity_survives() =>
        BmpReader.Read(BmpWriter.Write(new BmpPicture(1, 1, 4, [10, 20, 30, 77])))!.Pixels.Should().Equal(10, 20, 30, 77);

    [Fact]
    public void A_picture_of_one_pixel_is_these_bytes() =>
        Convert.ToHexString(BmpWriter.Write(new BmpPicture(1, 1, 3, [0x11, 0x22, 0x33]))).Should().Be(
            "424D3A000000000000003600000028000000010000000100000001001800000000000400000000000000000000000000000000000000" + "33221100");

    [Fact]
    public void A_fourth_byte_that_is_zero_everywhere_is_no_opacity()
    {
        var file = Header(2, 1, 32, BmpHeader.Rgb, [], [3, 2, 1, 0, 6, 5, 4, 0]);

        BmpReader.Read(file)!.Pixels.Should().Equal(1, 2, 3, 4, 5, 6);
    }

    [Fact]
    public void Rows_may_begin_at_the_top()
    {
        byte[] rows = [1, 1, 1, 0, 2, 2, 2, 0];

        BmpReader.Read(Header(1, -2, 24, BmpHeader.Rgb, [], rows))!.Pixels.Should().Equal(1, 1, 1, 2, 2, 2);
        BmpReader.Read(Header(1, 2, 24, BmpHeader.Rgb, [], rows))!.Pixels.Should().Equal(2, 2, 2, 1, 1, 1);
    }

    [Theory]
    [InlineData(1, new byte[] { 0b0101_0000, 0, 0, 0 })]
    [InlineData(4, new byte[] { 0x01, 0x01, 0, 0 })]
    [InlineData(8, new byte[] { 0, 1, 0, 1 })]
    public void Colours_may_stand_in_a_table(int bits, byte[] row)
    {
        byte[] table = [3, 2, 1, 0, 6, 5, 4, 0]; // blue, green, red, nothing

        BmpReader.Read(Header(4, 1, bits, BmpHeader.Rgb, table, row))!.Pixels
            .Should().Equal(1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6);
    }

    [Fact]
    public void An_old_header_has_a_table_of_three_bytes_an_entry()
    {
        byte[] file =
        [
            .. "BM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0,
            12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 1, 0, 3, 2, 1, 6, 5, 4, 0b0100_0000, 0, 0, 0,
        ];

        BmpReader.Read(file)!.Pixels.Should().Equal(1, 2, 3, 4, 5, 6);
    }

    [Fact]
    public void Sixteen_bits_are_five_each_or_as_the_masks_say()
    {
        byte[] row = [0x00, 0x7C, 0, 0];
        byte[] masks = [0, 0xF8, 0, 0, 0xE0, 0x07, 0, 0, 0x1F, 0, 0, 0];

        BmpReader.Read(Header(1, 1, 16, BmpHeader.Rgb, [], row))!.Pixels.Should().Equal(255, 0, 0);
        BmpReader.Read(Header(1, 1, 16, BmpHeader.BitFields, masks, row))!.Pixels.Should().Equal(123, 130, 0);
    }

    [Fact]
    public void Runs_of_bytes_jump_and_break_off()
    {
        byte[] table = [0, 0, 0, 0, 9, 9, 9, 0];
        // Two of colour 1; end of the row; a jump of one to the right; three as they are, padded; the end.
        byte[] runs = [2, 1, 0, 0, 0, 2, 1, 0, 0, 3, 1, 0, 1, 0, 0, 1];

        var read = BmpReader.Read(Header(4, 2, 8, BmpHeader.Rle8, table, runs))!;

        Indices(read).Should().Equal(0, 1, 0, 1, 1, 1, 0, 0);
    }

    [Fact]
    public void Runs_of_half_bytes_alternate()
    {
        byte[] table = [0, 0, 0, 0, 9, 9, 9, 0];
        byte[] runs = [5, 0x10, 0, 0, 0, 3, 0x01, 0x10, 0, 1];

        var read = BmpReader.Read(Header(5, 2, 4, BmpHeader.Rle4, table, runs))!;

        Indices(read).Should().Equal(0, 1, 1, 0, 0, 1, 0, 1, 0, 1);
    }

    [Fact]
    public void What_breaks_off_is_damaged()
    {
        byte[][] files =
        [
            BmpWriter.Write(TestPictures.Quarters(5, 4)),
            BmpWriter.Write(TestPictures.Quarters(5, 4, 4)),
            Header(4, 2, 8, BmpHeader.Rle8, [0, 0, 0, 0, 9, 9, 9, 0], [2, 1, 0, 0, 3, 1, 0, 1]),
        ];

        foreach (var file in files)
        {
            BmpReader.Read(file).Should().NotBeNull();
            for (var length = 0; length < file.Length; length++)
                BmpReader.Read(file.AsSpan(0, length)).Should().BeNull($"it is cut at {length}");
        }
    }

    [Theory]
    [InlineData(65_535, 65_535)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1, int.MinValue)]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    public void A_size_that_the_file_cannot_hold_costs_nothing(int width, int height)
    {
        var file = Header(width, height, 24, BmpHeader.Rgb, [], new byte[64]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        BmpReader.Read(file).Should().BeNull();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(100_000);
    }

    [Fact]
    public void No_mutation_does_more_than_be_damaged()
    {
        var random = new Random(7);
        byte[][] files =
        [
            BmpWriter.Write(TestPictures.Quarters(9, 7)),
            Header(4, 2, 8, BmpHeader.Rle8, [0, 0, 0, 0, 9, 9, 9, 0], [2, 1, 0, 0, 0, 2, 1, 0, 0, 3, 1, 0, 1, 0, 0, 1]),
            Header(4, 2, 4, BmpHeader.Rgb, [0, 0, 0, 0, 9, 9, 9, 0], [1, 0, 0, 0, 1, 0, 0, 0]),
            Header(2, 2, 16, BmpHeader.BitFields, [0, 0xF8, 0, 0, 0xE0, 0x07, 0, 0, 0x1F, 0, 0, 0], new byte[8]),
        ];
        for (var round = 0; round < 20_000; round++)
        {
            var file = files[round % files.Length].ToArray();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
                file[random.Next(file.Length)] = (byte)random.Next(256);
            if (BmpReader.Size(file) is { } size && (long)size.Width * size.Height > 1_000_000)
                continue; // which the engine refuses before it reads

            BmpReader.Read(file);
        }
    }

    private static int[] Indices(BmpPicture picture) =>
        [.. picture.Pixels.Where((_, at) => at % 3 == 0).Select(value => value == 0 ? 0 : 1)];

    private static byte[] Header(int width, int height, int bits, uint compression, byte[] table, byte[] data)
    {
        var file = new byte[54 + table.Length + data.Length];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54 + table.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(28), (ushort)bits);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(30), compression);
        table.CopyTo(file, 54);
        data.CopyTo(file, 54 + table.Length);
        return file;
    }
}
