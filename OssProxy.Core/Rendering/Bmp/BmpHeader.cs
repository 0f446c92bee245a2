using System.Buffers.Binary;
using System.Numerics;

namespace OssProxy.Core.Rendering.Bmp;

/// <summary>The bits of a pixel that are one colour.</summary>
internal readonly record struct BitField(uint Mask)
{
    /// <summary>That colour of a pixel, spread over 0–255; 0 for a field without bits.</summary>
    public byte Of(uint pixel)
    {
        if (Mask == 0)
            return 0;

        var shift = BitOperations.TrailingZeroCount(Mask);
        var most = Mask >> shift;
        return (byte)(((((ulong)(pixel & Mask) >> shift) * 255) + (most / 2)) / most);
    }
}

/// <summary>A BMP's headers, checked: sides from 1 to 65,535, a size of data that <see cref="long"/> holds, an offset within the
/// file.</summary>
internal sealed record BmpHeader
{
    public const uint Rgb = 0, Rle8 = 1, Rle4 = 2, BitFields = 3, AlphaBitFields = 6;

    // More than any limit of ours, and small enough that width × height × 4 stays below 2³⁴.
    private const int MostSide = 65_535;

    public required int Width { get; init; }
    public required int Height { get; init; }
    public required bool IsTopDown { get; init; }
    public required int Bits { get; init; }
    public required uint Compression { get; init; }
    public required int DataOffset { get; init; }
    public required int HeaderBytes { get; init; }
    public uint Colors { get; init; }
    public BitField Red { get; init; }
    public BitField Green { get; init; }
    public BitField Blue { get; init; }
    public BitField Alpha { get; init; }

    public bool HasAlpha => Alpha.Mask != 0;

    /// <summary>Bytes of masks behind a header of 40.</summary>
    public int MaskBytes => HeaderBytes != 40 ? 0 : Compression switch { BitFields => 12, AlphaBitFields => 16, _ => 0 };

    /// <summary>Bytes of a row: whole groups of four.</summary>
    public long Stride => (((long)Width * Bits) + 31) / 32 * 4;

    public static bool TryRead(ReadOnlySpan<byte> file, out BmpHeader header)
    {
        header = null!;
        if (file.Length < 26 || file[0] != 'B' || file[1] != 'M')
            return false;

        var offset = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        var headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        if (headerBytes is not (12 or 40 or 52 or 56 or 64 or 108 or 124) || file.Length < 14 + headerBytes)
            return false;
        if (offset < 14 + headerBytes || offset >= file.Length)
            return false;

        var read = headerBytes == 12 ? ReadOld(file[14..], (int)offset) : ReadNew(file, (int)headerBytes, (int)offset);
        header = read!;
        return read is not null && read.Width is >= 1 and <= MostSide && read.Height is >= 1 and <= MostSide && read.IsOfAKind();
    }

    private static BmpHeader ReadOld(ReadOnlySpan<byte> header, int offset) => new()
    {
        Width = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]),
        Height = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]),
        IsTopDown = false,
        Bits = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]),
        Compression = Rgb,
        DataOffset = offset,
        HeaderBytes = 12,
    };

    private static BmpHeader? ReadNew(ReadOnlySpan<byte> file, int headerBytes, int offset)
    {
        var header = file[14..];
        var height = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        var read = new BmpHeader
        {
            Width = BinaryPrimitives.ReadInt32LittleEndian(header[4..]),
            Height = height == int.MinValue ? 0 : Math.Abs(height),
            IsTopDown = height < 0,
            Bits = BinaryPrimitives.ReadUInt16LittleEndian(header[14..]),
            Compression = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]),
            DataOffset = offset,
            HeaderBytes = headerBytes,
            Colors = BinaryPrimitives.ReadUInt32LittleEndian(header[32..]),
        };
        return read.WithFields(file);
    }

    /// <summary>The masks stand at the same place whether they follow a header of 40 or belong to a longer one.</summary>
    private BmpHeader? WithFields(ReadOnlySpan<byte> file)
    {
        const int place = 14 + 40;
        if (Compression is BitFields or AlphaBitFields)
        {
            var hasAlpha = Compression == AlphaBitFields || HeaderBytes >= 56;
            if (HeaderBytes == 64 || file.Length < place + (hasAlpha ? 16 : 12))
                return null;
            return this with
            {
                Red = Mask(file, 0),
                Green = Mask(file, 1),
                Blue = Mask(file, 2),
                Alpha = hasAlpha ? Mask(file, 3) : default,
            };
        }

        return Bits switch
        {
            16 => this with { Red = new(0x7C00), Green = new(0x03E0), Blue = new(0x001F) },

            // The fourth byte is named reserved, and is alpha in what many programs write.
            32 => this with { Red = new(0xFF0000), Green = new(0xFF00), Blue = new(0xFF), Alpha = new(0xFF000000) },
            _ => this,
        };

        static BitField Mask(ReadOnlySpan<byte> file, int number) =>
            new(BinaryPrimitives.ReadUInt32LittleEndian(file[(place + (4 * number))..]));
    }

    private bool IsOfAKind() => Compression switch
    {
        Rgb => Bits is 1 or 4 or 8 or 16 or 24 or 32,
        Rle8 => Bits == 8 && !IsTopDown,
        Rle4 => Bits == 4 && !IsTopDown,
        BitFields or AlphaBitFields => Bits is 16 or 32 && (Red.Mask | Green.Mask | Blue.Mask) != 0,
        _ => false,
    };
}
