using System.Buffers.Binary;

namespace OssProxy.Core.FileTypes;

/// <summary>The first bytes of a file, with reads that answer "absent" instead of throwing when they pass the end.</summary>
internal readonly ref struct FileHead(ReadOnlySpan<byte> bytes, bool isWhole, string? extension)
{
    private readonly string? _extension = extension;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>Whether the file ends where <see cref="Bytes"/> end.</summary>
    public bool IsWhole { get; } = isWhole;

    public int Length => Bytes.Length;

    public bool HasNoExtension => string.IsNullOrEmpty(_extension) || _extension is ".";

    public byte this[int offset] => (uint)offset < (uint)Bytes.Length ? Bytes[offset] : (byte)0;

    /// <summary>The bytes from <paramref name="offset"/> on; empty beyond the end.</summary>
    public ReadOnlySpan<byte> From(int offset) => (uint)offset < (uint)Bytes.Length ? Bytes[offset..] : default;

    public bool HasAt(int offset, ReadOnlySpan<byte> pattern) => From(offset).StartsWith(pattern);

    /// <summary>A 16-bit number, 0 when it is not all there; ask <see cref="Length"/> first where 0 means something.</summary>
    public int UInt16(int offset, bool bigEndian = false) =>
        From(offset) is { Length: >= 2 } at
            ? bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at)
            : 0;

    /// <summary>A 32-bit number, 0 when it is not all there; ask <see cref="Length"/> first where 0 means something.</summary>
    public uint UInt32(int offset, bool bigEndian = false) =>
        From(offset) is { Length: >= 4 } at
            ? bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at)
            : 0;

    /// <summary>Whether the original name ends in one of these; with the dot, lower case.</summary>
    public bool IsNamed(params ReadOnlySpan<string> extensions) => NameAmong(extensions) is not null;

    /// <summary>The one of these that the original name ends in.</summary>
    public string? NameAmong(params ReadOnlySpan<string> extensions)
    {
        foreach (var candidate in extensions)
        {
            if (string.Equals(candidate, _extension, StringComparison.OrdinalIgnoreCase))
                return candidate;
        }

        return null;
    }
}
