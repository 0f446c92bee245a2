using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What a frame is. The numbers travel; none is used for anything else, ever.</summary>
internal enum FrameKind : byte
{
    /// <summary>From the worker, first of all: its engine stands.</summary>
    Ready = 1,

    /// <summary>To the worker: something to do.</summary>
    Job = 2,

    /// <summary>From the worker: what came of it.</summary>
    Result = 3,

    /// <summary>From the worker: why nothing came of it; as its first frame, why it cannot work at all.</summary>
    Refusal = 4,
}

/// <summary>
/// The sixteen bytes that go before every frame: a mark, the kind, the length of the head (few words) and that of the body (bytes of
/// images), little-endian. Neither side believes the other: a length beyond its bound is the end of the conversation.
/// </summary>
internal readonly record struct FrameHead(FrameKind Kind, int HeadLength, long BodyLength)
{
    /// <summary>Bytes of these numbers.</summary>
    public const int Length = 16;

    /// <summary>The longest head in bytes: a process of 2 KB, the keys of three watermarks, the words of a report.</summary>
    public const int MostHeadBytes = 64 * 1024;

    // Stray output of a library in the pipe is recognised as such, not taken for a length.
    private const int Mark = 0x57_52_4F;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, Mark | ((int)Kind << 24));
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], HeadLength);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], BodyLength);
    }

    /// <summary>Reads them.</summary>
    /// <param name="mostBody">The longest body that the reader takes, in bytes.</param>
    /// <exception cref="InvalidDataException">It is no frame, or too long.</exception>
    public static FrameHead Read(ReadOnlySpan<byte> source, long mostBody)
    {
        var first = BinaryPrimitives.ReadInt32LittleEndian(source);
        var head = new FrameHead(
            (FrameKind)(first >> 24), BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[8..]));
        if ((first & 0xFF_FF_FF) != Mark || !Enum.IsDefined(head.Kind))
            throw new InvalidDataException("What came is no frame.");
        if (head.HeadLength is < 0 or > MostHeadBytes || head.BodyLength < 0 || head.BodyLength > mostBody)
            throw new InvalidDataException($"{head} is longer than it may be.");
        return head;
    }
}

/// <summary>Writes the head of a frame, the sixteen bytes included.</summary>
internal sealed class HeadWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);

    /// <summary>Begins; the lengths are written by <see cref="Close"/>.</summary>
    public HeadWriter()
    {
        _bytes.GetSpan(FrameHead.Length);
        _bytes.Advance(FrameHead.Length);
    }

    public HeadWriter Add(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
        return this;
    }

    public HeadWriter Add(bool value) => Add(value ? (byte)1 : (byte)0);

    public HeadWriter Add(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public HeadWriter Add(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
        return this;
    }

    /// <summary>A text; null is told from an empty one.</summary>
    public HeadWriter Add(string? text)
    {
        if (text is null)
            return Add(-1);
        var length = Encoding.UTF8.GetByteCount(text);
        Add(length);
        Encoding.UTF8.GetBytes(text, _bytes.GetSpan(length));
        _bytes.Advance(length);
        return this;
    }

    /// <summary>Texts, with their number before them.</summary>
    public HeadWriter Add(IReadOnlyCollection<string> texts)
    {
        Add(texts.Count);
        foreach (var text in texts)
            Add(text);
        return this;
    }

    /// <summary>The whole head.</summary>
    /// <exception cref="InvalidDataException">It is longer than <see cref="FrameHead.MostHeadBytes"/>.</exception>
    public ReadOnlyMemory<byte> Close(FrameKind kind, long bodyLength)
    {
        var length = _bytes.WrittenCount - FrameHead.Length;
        if (length > FrameHead.MostHeadBytes)
            throw new InvalidDataException($"The head of a frame {kind} would have {length} bytes.");
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(_bytes.WrittenMemory[..FrameHead.Length]).Span.Clear();
        new FrameHead(kind, length, bodyLength)
            .Write(System.Runtime.InteropServices.MemoryMarshal.AsMemory(_bytes.WrittenMemory[..FrameHead.Length]).Span);
        return _bytes.WrittenMemory;
    }
}

/// <summary>Reads what <see cref="HeadWriter"/> wrote; whatever else it is given ends in <see cref="InvalidDataException"/>.</summary>
internal ref struct HeadReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        _ => throw new InvalidDataException("Neither yes nor no."),
    };

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>A member of an enumeration, as one byte.</summary>
    public TEnum Member<TEnum>()
        where TEnum : struct, Enum
    {
        var value = (TEnum)Enum.ToObject(typeof(TEnum), Byte());
        return Enum.IsDefined(value) ? value : throw new InvalidDataException($"No {typeof(TEnum).Name}.");
    }

    public string Text() => TextOrNull() ?? throw new InvalidDataException("A text is missing.");

    public string? TextOrNull()
    {
        var length = Int();
        if (length == -1)
            return null;
        try
        {
            return Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException fault)
        {
            throw new InvalidDataException("A text is no UTF-8.", fault);
        }
    }

    public string[] Texts()
    {
        var count = Int();

        // Each has its length, so that no number makes an array larger than what was read.
        if (count < 0 || count > _rest.Length / 4)
            throw new InvalidDataException("More texts than there are bytes for.");
        var texts = new string[count];
        for (var i = 0; i < count; i++)
            texts[i] = Text();
        return texts;
    }

    /// <summary>Nothing may be left.</summary>
    public readonly void End()
    {
        if (_rest.Length > 0)
            throw new InvalidDataException($"{_rest.Length} bytes too many.");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length)
            throw new InvalidDataException("The head ends too early.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
