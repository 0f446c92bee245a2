using System.Buffers.Binary;

namespace OssProxy.Core.Rendering.Bmp;

/// <summary>Writes BMP: 24 bits under a header of 40 bytes; with alpha 32 bits under one of 108 bytes (BITMAPV4HEADER), because only
/// that says that the fourth byte is one.</summary>
internal static class BmpWriter
{
    private const int FileHeaderBytes = 14, HeaderBytes = 40, HeaderWithMasksBytes = 108;
    private const uint Srgb = 0x73524742; // "sRGB"

    /// <exception cref="OverflowException">It would be longer than 2 GiB.</exception>
    public static byte[] Write(BmpPicture picture)
    {
        var hasAlpha = picture.Bands == 4;
        var headerBytes = hasAlpha ? HeaderWithMasksBytes : HeaderBytes;
        var stride = ((picture.Width * picture.Bands) + 3) / 4 * 4;
        var dataBytes = checked(stride * picture.Height);
        var file = new byte[checked(FileHeaderBytes + headerBytes + dataBytes)];
        WriteHeaders(file, picture, headerBytes, dataBytes);

        var data = file.AsSpan(FileHeaderBytes + headerBytes);
        var rowBytes = picture.Width * picture.Bands;
        for (var row = 0; row < picture.Height; row++)
        {
            var from = picture.Pixels.AsSpan(row * rowBytes, rowBytes);
            var to = data[((picture.Height - 1 - row) * stride)..];
            for (var at = 0; at < rowBytes; at += picture.Bands)
            {
                to[at] = from[at + 2];
                to[at + 1] = from[at + 1];
                to[at + 2] = from[at];
                if (hasAlpha)
                    to[at + 3] = from[at + 3];
            }
        }

        return file;
    }

    private static void WriteHeaders(Span<byte> file, BmpPicture picture, int headerBytes, int dataBytes)
    {
        "BM"u8.CopyTo(file);
        Put(file[2..], file.Length);
        Put(file[10..], FileHeaderBytes + headerBytes);
        var header = file[FileHeaderBytes..];
        Put(header, headerBytes);
        Put(header[4..], picture.Width);
        Put(header[8..], picture.Height);
        BinaryPrimitives.WriteUInt16LittleEndian(header[12..], 1); // planes
        BinaryPrimitives.WriteUInt16LittleEndian(header[14..], (ushort)(picture.Bands * 8));
        Put(header[20..], dataBytes);
        if (headerBytes < HeaderWithMasksBytes)
            return;

        Put(header[16..], (int)BmpHeader.BitFields);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], 0x00FF0000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[44..], 0x0000FF00);
        BinaryPrimitives.WriteUInt32LittleEndian(header[48..], 0x000000FF);
        BinaryPrimitives.WriteUInt32LittleEndian(header[52..], 0xFF000000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[56..], Srgb);
    }

    private static void Put(Span<byte> place, int number) => BinaryPrimitives.WriteInt32LittleEndian(place, number);
}
