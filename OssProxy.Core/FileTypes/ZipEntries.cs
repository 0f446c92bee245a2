using System.Buffers.Binary;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// The entries of a ZIP file as their local headers give them (PKWARE APPNOTE 4.3.7), in the order in which they stand, as far as the
/// head reaches. The central directory at the end would be the better witness, but nothing is held until the end arrives.
/// </summary>
internal ref struct ZipEntries
{
    private const int LocalHeaderBytes = 30;
    private const int SizesFollowTheData = 0x08;
    private readonly ReadOnlySpan<byte> _bytes;
    private long _next;

    public ZipEntries(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static ReadOnlySpan<byte> LocalHeader => "PK\x03\x04"u8;

    /// <summary>The entry's path as it stands in the file, in whatever encoding.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Whether the data is stored as it is (method 0).</summary>
    public bool IsStored { get; private set; }

    /// <summary>The bytes from the entry's data on, to the end of the head.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>Steps to the next entry whose name lies wholly in the head.</summary>
    public bool Read()
    {
        if (_next < 0 || _next + LocalHeaderBytes > _bytes.Length)
            return false;

        var header = _bytes[(int)_next..];
        if (!header.StartsWith(LocalHeader))
            return false;

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(header[18..]);
        var nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        var extraBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        if (LocalHeaderBytes + nameBytes > header.Length)
            return false;

        Name = header.Slice(LocalHeaderBytes, nameBytes);
        IsStored = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) == 0;
        var data = LocalHeaderBytes + nameBytes + extraBytes;
        Data = data <= header.Length ? header[data..] : default;
        if ((flags & SizesFollowTheData) != 0 && size == 0)
        {
            // Writers that stream do not know the size yet; the next header is found by its signature.
            var distance = Data.IndexOf(LocalHeader);
            _next = distance < 0 ? -1 : _next + data + distance;
        }
        else
        {
            _next += (long)data + size;
        }

        return true;
    }
}
