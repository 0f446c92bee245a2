using System.Buffers.Binary;

namespace OssProxy.Core.Rendering.Bmp;

/// <summary>A decoded BMP.</summary>
/// <param name="Bands">3 (RGB) or 4 (RGB and alpha, not multiplied).</param>
/// <param name="Pixels">One byte per band, from the top, without padding.</param>
internal sealed record BmpPicture(int Width, int Height, int Bands, byte[] Pixels);

/// <summary>
/// Reads BMP: headers of 12 (OS/2), 40, 52, 56, 64, 108 and 124 bytes; 1, 4, 8, 16, 24 and 32 bits; RLE8 and RLE4; bit fields; from the
/// bottom or from the top (Microsoft's "Bitmap Storage", BITMAPINFOHEADER, BITMAPV5HEADER). libvips has no reader of its own, and
/// the one that it could borrow is not let near foreign bytes. Nothing is allocated before the header agrees with the length of the file.
/// </summary>
internal static class BmpReader
{
    private const int FileHeaderBytes = 14;

    /// <summary>Reads the header only: sides in pixels, from 1; null when it is none.</summary>
    public static (int Width, int Height)? Size(ReadOnlySpan<byte> file) =>
        BmpHeader.TryRead(file, out var header) ? (header.Width, header.Height) : null;

    /// <summary>Reads all of it; null when it is damaged, cut off, or of a kind that is not read (JPEG or PNG inside, CMYK).</summary>
    public static BmpPicture? Read(ReadOnlySpan<byte> file)
    {
        if (!BmpHeader.TryRead(file, out var header))
            return null;

        var palette = header.Bits <= 8 ? ReadPalette(file, header) : [];
        if (header.Bits <= 8 && palette.Length == 0)
            return null;

        return header.Compression is BmpHeader.Rle8 or BmpHeader.Rle4
            ? ReadRuns(file[header.DataOffset..], header, palette)
            : ReadRows(file[header.DataOffset..], header, palette);
    }

    /// <summary>RGB, three bytes an entry. A file may say fewer than its bits allow; one that points beyond is black there.</summary>
    private static byte[] ReadPalette(ReadOnlySpan<byte> file, BmpHeader header)
    {
        var start = FileHeaderBytes + header.HeaderBytes + header.MaskBytes;
        var entryBytes = header.HeaderBytes == 12 ? 3 : 4;
        var most = 1 << header.Bits;
        var said = header.Colors == 0 ? most : (int)Math.Min(header.Colors, (uint)most);
        var entries = Math.Min(said, Math.Max(0, header.DataOffset - start) / entryBytes);
        if (entries == 0 || start + (entries * entryBytes) > file.Length)
            return [];

        var palette = new byte[3 * most];
        for (var entry = 0; entry < entries; entry++)
        {
            var bgr = file.Slice(start + (entry * entryBytes), 3);
            palette[3 * entry] = bgr[2];
            palette[(3 * entry) + 1] = bgr[1];
            palette[(3 * entry) + 2] = bgr[0];
        }

        return palette;
    }

    private static BmpPicture? ReadRows(ReadOnlySpan<byte> data, BmpHeader header, byte[] palette)
    {
        var stride = header.Stride;
        if (stride * header.Height > data.Length)
            return null;

        var bands = header.HasAlpha ? 4 : 3;
        var pixels = new byte[checked(header.Width * header.Height * bands)];
        for (var row = 0; row < header.Height; row++)
        {
            var from = data.Slice((int)(stride * row), (int)stride);
            var to = pixels.AsSpan(Row(header, row) * header.Width * bands, header.Width * bands);
            switch (header.Bits)
            {
                case 24: CopyBgr(from, to); break;
                case 16 or 32: CopyFields(from, to, header, bands); break;
                default: CopyIndices(from, to, header.Bits, palette); break;
            }
        }

        // Programs that know no alpha leave that byte at zero everywhere; then it is none, unless a mask says so.
        return bands == 4 && header.Compression == BmpHeader.Rgb && IsInvisible(pixels)
            ? new BmpPicture(header.Width, header.Height, 3, WithoutAlpha(pixels))
            : new BmpPicture(header.Width, header.Height, bands, pixels);
    }

    private static void CopyBgr(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (var at = 0; at < to.Length; at += 3)
        {
            to[at] = from[at + 2];
            to[at + 1] = from[at + 1];
            to[at + 2] = from[at];
        }
    }

    private static void CopyFields(ReadOnlySpan<byte> from, Span<byte> to, BmpHeader header, int bands)
    {
        var bytes = header.Bits / 8;
        for (int pixel = 0, at = 0; at < to.Length; pixel++, at += bands)
        {
            var value = bytes == 2
                ? BinaryPrimitives.ReadUInt16LittleEndian(from[(pixel * 2)..])
                : BinaryPrimitives.ReadUInt32LittleEndian(from[(pixel * 4)..]);
            to[at] = header.Red.Of(value);
            to[at + 1] = header.Green.Of(value);
            to[at + 2] = header.Blue.Of(value);
            if (bands == 4)
                to[at + 3] = header.Alpha.Of(value);
        }
    }

    private static void CopyIndices(ReadOnlySpan<byte> from, Span<byte> to, int bits, byte[] palette)
    {
        var perByte = 8 / bits;
        var mask = (1 << bits) - 1;
        for (int pixel = 0, at = 0; at < to.Length; pixel++, at += 3)
        {
            var index = (from[pixel / perByte] >> (8 - bits - (pixel % perByte * bits))) & mask;
            palette.AsSpan(3 * index, 3).CopyTo(to[at..]);
        }
    }

    /// <summary>Runs of equal pixels (RLE8, RLE4). What no run reaches has the first colour. A stream that breaks off is
    /// damaged.</summary>
    private static BmpPicture? ReadRuns(ReadOnlySpan<byte> data, BmpHeader header, byte[] palette)
    {
        var (width, height) = (header.Width, header.Height);
        var indices = new byte[checked(width * height)];
        var isNibbles = header.Compression == BmpHeader.Rle4;
        int x = 0, y = 0, at = 0;

        void Put(int index, ref int column, int row)
        {
            // A run that reaches over the edge is cut: writers round up to whole bytes.
            if (column < width && row < height)
                indices[(Row(header, row) * width) + column] = (byte)index;
            column++;
        }

        while (true)
        {
            if (at + 2 > data.Length)
                return null;
            var (count, value) = (data[at], data[at + 1]);
            at += 2;
            if (count > 0)
            {
                for (var step = 0; step < count; step++)
                    Put(isNibbles ? (step % 2 == 0 ? value >> 4 : value & 15) : value, ref x, y);
                continue;
            }

            switch (value)
            {
                case 0: // end of the row
                    (x, y) = (0, y + 1);
                    break;
                case 1: // end of the picture
                    return Paint(indices, header, palette);
                case 2: // a jump
                    if (at + 2 > data.Length)
                        return null;
                    (x, y) = (Math.Min(x + data[at], width), Math.Min(y + data[at + 1], height));
                    at += 2;
                    break;
                default: // as they are, padded to two bytes
                    var bytes = isNibbles ? (value + 1) / 2 : value;
                    if (at + bytes > data.Length)
                        return null;
                    for (var step = 0; step < value; step++)
                        Put(isNibbles ? (data[at + (step / 2)] >> (step % 2 == 0 ? 4 : 0)) & 15 : data[at + step], ref x, y);
                    at += bytes + (bytes & 1);
                    break;
            }

            if (y >= height)
                return Paint(indices, header, palette); // some writers leave the end out
        }
    }

    private static BmpPicture Paint(byte[] indices, BmpHeader header, byte[] palette)
    {
        var pixels = new byte[checked(indices.Length * 3)];
        for (var pixel = 0; pixel < indices.Length; pixel++)
        {
            var at = 3 * indices[pixel];
            if (at + 3 <= palette.Length)
                palette.AsSpan(at, 3).CopyTo(pixels.AsSpan(3 * pixel));
        }

        return new BmpPicture(header.Width, header.Height, 3, pixels);
    }

    private static int Row(BmpHeader header, int stored) => header.IsTopDown ? stored : header.Height - 1 - stored;

    private static bool IsInvisible(byte[] pixels)
    {
        for (var at = 3; at < pixels.Length; at += 4)
        {
            if (pixels[at] != 0)
                return false;
        }

        return true;
    }

    private static byte[] WithoutAlpha(byte[] pixels)
    {
        var rest = new byte[pixels.Length / 4 * 3];
        for (int from = 0, to = 0; from < pixels.Length; from += 4, to += 3)
            pixels.AsSpan(from, 3).CopyTo(rest.AsSpan(to));
        return rest;
    }
}
