namespace OssProxy.Core.Rendering;

/// <summary>The parts of a GIF, one after the other (GIF89a, 17 to 27).</summary>
internal ref struct GifBlocks
{
    /// <summary>What the last byte of a file is.</summary>
    public const byte Trailer = 0x3B;

    private const int HeaderBytes = 13, DescriptorBytes = 10;
    private const byte Extension = 0x21, Image = 0x2C;

    private readonly ReadOnlySpan<byte> _file;
    private int _next;

    public GifBlocks(ReadOnlySpan<byte> file)
    {
        _file = file;
        _next = file.Length < HeaderBytes ? file.Length + 1 : HeaderBytes + TableBytes(file[10]);
    }

    /// <summary>Where the part begins that was moved to.</summary>
    public int At { get; private set; }

    /// <summary>Its bytes.</summary>
    public readonly ReadOnlySpan<byte> Current => _file[At.._next];

    /// <summary>Whether a picture is among the parts so far.</summary>
    public bool HasImage { get; private set; }

    /// <summary>Whether the file ends in the midst of a picture, or before the first. What is missing behind the pictures leaves no hole in
    /// any.</summary>
    public static bool IsCutOff(ReadOnlySpan<byte> file)
    {
        var blocks = new GifBlocks(file);
        while (blocks.MoveNext())
        {
        }

        return !blocks.HasImage || (blocks._next > file.Length && file[blocks.At] == Image);
    }

    /// <summary>Goes to the next part; false behind the last: at the trailer, at what is no part, and at the end of the file.</summary>
    public bool MoveNext()
    {
        At = _next;
        if (At >= _file.Length)
            return false;
        var end = _file[At] switch
        {
            Extension => EndOfBlocks(At + 2),
            Image => At + DescriptorBytes <= _file.Length ? EndOfBlocks(At + DescriptorBytes + TableBytes(_file[At + 9]) + 1) : _file.Length + 1,
            _ => At,
        };
        if (end == At)
            return false;
        _next = end;
        HasImage |= end <= _file.Length && _file[At] == Image;
        return end <= _file.Length;
    }

    private static int TableBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    // Behind blocks of up to 255 bytes, of which the empty one is the last; beyond the end where there is none.
    private readonly int EndOfBlocks(int start)
    {
        for (var at = start; at < _file.Length; at += 1 + _file[at])
        {
            if (_file[at] == 0)
                return at + 1;
            if (at == _file.Length - 1 && _file[at] == Trailer) // some writers forget the empty block before it
                return at;
        }

        return _file.Length + 1;
    }
}
