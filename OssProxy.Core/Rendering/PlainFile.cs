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

    public static bool Is(SourceKind kind, ReadOnlySpan<byte> file) => kind switch
    {
        SourceKind.Jpeg => IsPlainJpeg(file),
        SourceKind.Png => IsPlainPng(file),
        SourceKind.Gif => IsPlainGif(file),
        SourceKind.WebP => IsPlainWebP(file),
        SourceKind.Bmp => IsPlainBmp(file),
        SourceKind.Avif => IsPlainAvif(file),
        _ => false, // a TIFF is a heap of tags, of further pages, and of holes between them
    };

    // ITU-T T.81, B.1: segments with their lengths, and scans that end at the next marker.
    private static bool IsPlainJpeg(ReadOnlySpan<byte> file)
    {
        for (var rest = file[Math.Min(2, file.Length)..]; rest.Length >= 2 && rest[0] == 0xFF;)
        {
            var marker = rest[1];
            if (marker == 0xD9)
                return rest.Length == 2;
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
            rest = rest[(2 + length)..];
            if (marker == 0xDA)
                rest = rest[ScanBytes(rest)..];
        }

        return false;
    }

    private static bool IsNeeded(byte marker, ReadOnlySpan<byte> content) => marker switch
    {
        // JFIF, without the miniature that it may have; a profile of colours; Adobe's word on them.
        0xE0 => content.Length == 14 && content.StartsWith("JFIF\0"u8) && content[12] == 0 && content[13] == 0,
        0xE2 => content.StartsWith("ICC_PROFILE\0"u8),
        0xEE => content.Length == 12 && content.StartsWith("Adobe"u8),

        // Frames, tables, scans, intervals.
        >= 0xC0 and <= 0xCF => marker != 0xC8,
        0xDA or 0xDB or 0xDC or 0xDD => true,
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

    // PNG, 5.3; the frames of an APNG are pixels too.
    private static bool IsPlainPng(ReadOnlySpan<byte> file)
    {
        for (var rest = file[Math.Min(PngSignatureBytes, file.Length)..]; rest.Length >= PngChunkBytes;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - PngChunkBytes)
                return false;
            var type = rest.Slice(4, 4);
            if (type.SequenceEqual("IEND"u8))
                return rest.Length == PngChunkBytes;
            if (!IsAnyOf(type, "IHDRPLTEIDATtRNSgAMAcHRMsRGBiCCPcICPmDCVcLLIsBITbKGDhISTpHYsacTLfcTLfdAT"u8))
                return false;
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
        return AreWebPChunks(file[RiffHeaderBytes..], "VP8 VP8LVP8XALPHANIMANMFICCP"u8);
    }

    private static bool AreWebPChunks(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> known)
    {
        while (rest.Length >= RiffChunkBytes)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - RiffChunkBytes || !IsAnyOf(rest[..4], known))
                return false;
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

    // ISO/IEC 23008-12: what the picture is, and its bytes. Boxes of 64 bits or up to the end are nobody's here.
    private static bool IsPlainAvif(ReadOnlySpan<byte> file)
    {
        var rest = file;
        while (rest.Length >= 8)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length < 8 || length > rest.Length || !IsAnyOf(rest.Slice(4, 4), "ftypmetamdat"u8))
                return false;
            rest = rest[(int)length..];
        }

        return rest.IsEmpty;
    }

    private static bool IsAnyOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> names)
    {
        for (var at = 0; at < names.Length; at += 4)
        {
            if (names.Slice(at, 4).SequenceEqual(name))
                return true;
        }

        return false;
    }
}
