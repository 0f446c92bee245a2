using System.Buffers.Binary;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// What the <c>meta</c> box of a HEIC or AVIF file says of its pictures (ISO/IEC 23008-12, 6 and 9.3). A phone's photo is a grid of tiles
/// that each have a size too, so the size is that of the primary item and no other. What the head cuts off is absent.
/// </summary>
internal static class HeifItems
{
    /// <summary>The <c>ispe</c> property of the primary item; null when it is not all there.</summary>
    public static PictureSize? PrimarySize(ReadOnlySpan<byte> file)
    {
        var meta = Find(file, "meta"u8);
        if (meta.Length < 4)
            return null;

        meta = meta[4..]; // version and flags
        var properties = Find(meta, "iprp"u8);
        return PrimaryItem(Find(meta, "pitm"u8)) is { } item
            ? SizeOf(item, properties, Find(properties, "ipco"u8))
            : null;
    }

    private static uint? PrimaryItem(ReadOnlySpan<byte> box) => box switch
    {
        [0, _, _, _, _, _, ..] => BinaryPrimitives.ReadUInt16BigEndian(box[4..]),
        [not 0, _, _, _, _, _, _, _, ..] => BinaryPrimitives.ReadUInt32BigEndian(box[4..]),
        _ => null,
    };

    private static PictureSize? SizeOf(uint item, ReadOnlySpan<byte> properties, ReadOnlySpan<byte> values)
    {
        // There may be several tables, of different versions (ISO/IEC 23008-12, 9.3.1).
        var boxes = new Boxes(properties);
        while (boxes.Next())
        {
            if (boxes.Type.SequenceEqual("ipma"u8) && boxes.Content.Length >= 8 && SizeOf(item, boxes.Content, values, out var size))
                return size;
        }

        return null;
    }

    /// <summary>Looks through one table of items and the numbers of their properties; false when it does not tell this item's size.</summary>
    private static bool SizeOf(uint item, ReadOnlySpan<byte> table, ReadOnlySpan<byte> values, out PictureSize? size)
    {
        var itemBytes = table[0] == 0 ? 2 : 4;
        var numberBytes = (table[3] & 1) == 0 ? 1 : 2;
        size = null;

        var rest = table[8..];
        for (var entries = BinaryPrimitives.ReadUInt32BigEndian(table[4..]); entries > 0 && rest.Length > itemBytes; entries--)
        {
            var id = itemBytes == 2 ? BinaryPrimitives.ReadUInt16BigEndian(rest) : BinaryPrimitives.ReadUInt32BigEndian(rest);
            var count = rest[itemBytes];
            rest = rest[(itemBytes + 1)..];
            for (; count > 0 && rest.Length >= numberBytes; count--)
            {
                // The first bit says whether a reader must know the property.
                var number = numberBytes == 1 ? rest[0] & 0x7F : BinaryPrimitives.ReadUInt16BigEndian(rest) & 0x7FFF;
                rest = rest[numberBytes..];
                if (id == item && IsSize(values, number, out size))
                    return true;
            }
        }

        return false;
    }

    private static bool IsSize(ReadOnlySpan<byte> values, int number, out PictureSize? size)
    {
        size = null;
        var boxes = new Boxes(values);
        while (number > 0 && boxes.Next())
        {
            if (--number > 0)
                continue;
            if (!boxes.Type.SequenceEqual("ispe"u8))
                return false;

            if (boxes.Content.Length >= 12)
                size = PictureSize.Checked(BinaryPrimitives.ReadUInt32BigEndian(boxes.Content[4..]), BinaryPrimitives.ReadUInt32BigEndian(boxes.Content[8..]));
            return true;
        }

        return false;
    }

    /// <summary>What stands in the first box of a type; empty when there is none.</summary>
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> type)
    {
        var boxes = new Boxes(bytes);
        while (boxes.Next())
        {
            if (boxes.Type.SequenceEqual(type))
                return boxes.Content;
        }

        return default;
    }

    /// <summary>The boxes that lie side by side in a run of bytes (ISO/IEC 14496-12, 4.2); the last may be cut off.</summary>
    private ref struct Boxes(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public ReadOnlySpan<byte> Type { get; private set; }

        public ReadOnlySpan<byte> Content { get; private set; }

        public bool Next()
        {
            if (_rest.Length < 8)
                return false;

            var header = 8;
            ulong size = BinaryPrimitives.ReadUInt32BigEndian(_rest);
            if (size == 1 && _rest.Length >= 16)
            {
                header = 16;
                size = BinaryPrimitives.ReadUInt64BigEndian(_rest[8..]);
            }
            else if (size == 0)
            {
                // To the end of the file.
                size = ulong.MaxValue;
            }

            if (size < (uint)header)
                return false;

            var end = (int)Math.Min(size, (uint)_rest.Length);
            Type = _rest[4..8];
            Content = _rest[header..end];
            _rest = _rest[end..];
            return true;
        }
    }
}
