using System.Buffers.Binary;
using OssProxy.Core.Rendering.Bmp;

namespace OssProxy.Core.Rendering;

/// <summary>
/// Whether a file is a picture and nothing else, so that it may be given as the result of having been treated. libvips tells of EXIF, XMP,
/// IPTC and comments only; of what it skips, and of what stands behind the end, it says nothing. So the parts are walked here, and what
/// is not known to be needed for the picture makes the answer no: then the file is written anew. Reads headers of parts only, but for the
/// scans of a JPEG; whatever the bytes are, it ends, and throws nothing.
/// </summary>
internal static class PlainFile
{
    private const int PngSignatureBytes = 8, PngChunkBytes = 12;
    private const int RiffHeaderBytes = 12, RiffChunkBytes = 8, WebPFrameBytes = 16;

    // What NETSCAPE2.0 says are two blocks of three and five bytes.
    private const int MostLoopBytes = 16;

    private static ReadOnlySpan<byte> PngOnce => "acTLIHDRPLTEtRNSgAMAcHRMsRGBcICPmDCVcLLIsBITbKGDhISTpHYsiCCP"u8;

    private static ReadOnlySpan<int> PngOnceBytes => [8, 13, 768, 256, 4, 32, 1, 4, 24, 8, 4, 6, 512, 9, int.MaxValue];

    public static bool Is(SourceKind kind, ReadOnlySpan<byte> file) => kind switch
    {
        SourceKind.Jpeg => IsPlainJpeg(file),
        SourceKind.Png => IsPlainPng(file),
        SourceKind.Gif => IsPlainGif(file),
        SourceKind.WebP => IsPlainWebP(file),
        SourceKind.Bmp => IsPlainBmp(file),
        _ => false, // a TIFF is a heap of tags, of further pages, and of holes between them; of an AVIF what is no picture is an item among them
    };

    // ITU-T T.81, B.1: segments with their lengths, and scans that end at the next marker. One frame; and the end stands right behind a scan:
    // tables that none follows are no part of the picture.
    private static bool IsPlainJpeg(ReadOnlySpan<byte> file)
    {
        var (hasFrame, isBehindScan) = (false, false);
        for (var rest = file[Math.Min(2, file.Length)..]; rest.Length >= 2 && rest[0] == 0xFF;)
        {
            var marker = rest[1];
            if (marker == 0xD9)
                return hasFrame && isBehindScan && rest.Length == 2;
            if (marker == 0xFF) // a marker may be filled up
            {
                rest = rest[1..];
                continue;
            }

            if (rest.Length < 4)
                return false;
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < 2 || length > rest.Length - 2 || !IsNeeded(marker, rest.Slice(4, length - 2)))
                return false;
            if (IsFrame(marker) && hasFrame)
                return false;
            hasFrame |= IsFrame(marker);
            rest = rest[(2 + length)..];
            isBehindScan = marker == 0xDA;
            if (isBehindScan)
                rest = rest[ScanBytes(rest)..];
        }

        return false;
    }

    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static bool IsNeeded(byte marker, ReadOnlySpan<byte> content) => marker switch
    {
        // JFIF, without the miniature that it may have; a profile of colours; Adobe's word on them.
        0xE0 => content.Length == 14 && content.StartsWith("JFIF\0"u8) && content[12] == 0 && content[13] == 0,
        0xE2 => content.StartsWith("ICC_PROFILE\0"u8),
        0xEE => content.Length == 12 && content.StartsWith("Adobe"u8),

        // Frames, tables, scans, intervals. A height that is told behind the first scan (DNL) hardly anybody writes, or reads.
        >= 0xC0 and <= 0xCF => marker != 0xC8,
        0xDA or 0xDB => true,
        0xDD => content.Length == 2,
        _ => false,
    };

    private static int ScanBytes(ReadOnlySpan<byte> scan)
    {
        for (var at = 0; ; at += 2)
        {
            var next = scan[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= scan.Length)
                return scan.Length;
            at += next;
            if (scan[at + 1] is not (0 or (>= 0xD0 and <= 0xD7))) // neither stuffed nor a restart
                return at;
        }
    }

    // PNG, 5.3 and 11; the frames of an APNG are pixels too. Of what is said of the picture each is said once, before it, and as long as
    // the specification has it: what is behind that, or said twice, nobody reads who shows it.
    private static bool IsPlainPng(ReadOnlySpan<byte> file)
    {
        const int frameBytes = 26;
        var (seen, hasPixels, isAnimated) = (0, false, false);
        for (var rest = file[Math.Min(PngSignatureBytes, file.Length)..]; rest.Length >= PngChunkBytes;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - PngChunkBytes)
                return false;
            var type = rest.Slice(4, 4);
            if (type.SequenceEqual("IEND"u8))
                return rest.Length == PngChunkBytes;
            var at = IndexOf(type, PngOnce);
            var isPlain = type.SequenceEqual("IDAT"u8)
                || (type.SequenceEqual("fcTL"u8) ? isAnimated && length == frameBytes
                    : type.SequenceEqual("fdAT"u8) ? isAnimated
                    : at >= 0 && !hasPixels && (seen & (1 << at)) == 0 && length <= PngOnceBytes[at]);
            if (!isPlain)
                return false;
            seen |= at < 0 ? 0 : 1 << at;
            hasPixels |= type.SequenceEqual("IDAT"u8);
            isAnimated |= type.SequenceEqual("acTL"u8);
            rest = rest[(PngChunkBytes + (int)length)..];
        }

        return false;
    }

    // Pictures, how each is shown, and how often they go round: no comment, no text, nobody's own.
    private static bool IsPlainGif(ReadOnlySpan<byte> file)
    {
        const int shownBytes = 8;
        var blocks = new GifBlocks(file);
        while (blocks.MoveNext())
        {
            var block = blocks.Current;
            var isPlain = block[0] != 0x21
                || (block[1] == 0xF9 ? block.Length <= shownBytes
                    : block[1] == 0xFF && block[2..].StartsWith("\vNETSCAPE2.0"u8) && block.Length <= 2 + 12 + MostLoopBytes);
            if (!isPlain)
                return false;
        }

        return blocks.At == file.Length - 1 && file[^1] == GifBlocks.Trailer;
    }

    // RFC 9649, 2.3 to 2.7.
    private static bool IsPlainWebP(ReadOnlySpan<byte> file)
    {
        if (file.Length < RiffHeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) != (uint)file.Length - 8)
            return false;
        var chunks = file[RiffHeaderBytes..];
        return AreWebPChunks(chunks, chunks.StartsWith("VP8X"u8) ? "VP8 VP8LALPHVP8XICCPANIMANMF"u8 : "VP8 VP8L"u8);
    }

    // One picture of either kind, and one each of what is said of it; only of frames there are several.

    private static bool AreWebPChunks(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> known)
    {
        const int picture = 1;
        var seen = 0;
        while (rest.Length >= RiffChunkBytes)
        {
            var at = IndexOf(rest[..4], known);
            var kind = 1 << Math.Max(at, picture);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - RiffChunkBytes || at < 0 || ((seen & kind) != 0 && !rest.StartsWith("ANMF"u8)))
                return false;
            seen |= kind;
            var content = rest.Slice(RiffChunkBytes, (int)length);
            if (rest.StartsWith("ANMF"u8)
                && (content.Length < WebPFrameBytes || !AreWebPChunks(content[WebPFrameBytes..], "VP8 VP8LALPH"u8)))
                return false;

            // The last one may want its filling.
            rest = rest[Math.Min(RiffChunkBytes + content.Length + (content.Length & 1), rest.Length)..];
        }

        return rest.IsEmpty;
    }

    // Only what is stored row by row, right behind its headers, up to the end; some writers round that up.
    private static bool IsPlainBmp(ReadOnlySpan<byte> file)
    {
        const int fileHeaderBytes = 14, mostFilling = 3;
        if (!BmpHeader.TryRead(file, out var header) || header.Compression is BmpHeader.Rle4 or BmpHeader.Rle8)
            return false;
        var entries = header.Bits > 8 ? 0 : header.Colors == 0 ? 1L << header.Bits : Math.Min(header.Colors, 1L << header.Bits);
        var headers = fileHeaderBytes + header.HeaderBytes + header.MaskBytes + (entries * (header.HeaderBytes == 12 ? 3 : 4));
        return header.DataOffset <= headers + mostFilling
            && file.Length - (header.DataOffset + (header.Stride * header.Height)) is >= 0 and <= mostFilling;
    }

    private static int IndexOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> names)
    {
        for (var at = 0; at < names.Length; at += 4)
        {
            if (names.Slice(at, 4).SequenceEqual(name))
                return at / 4;
        }

        return -1;
    }
}
