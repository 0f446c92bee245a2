using System.Collections.Immutable;
using static OssProxy.Core.FileTypes.RefusalReason;

namespace OssProxy.Core.FileTypes;

/// <summary>Formats that are refused, known by a few fixed bytes. Without these rows the files would be refused all the same, as unknown;
/// the rows give the log and the client the right word.</summary>
internal static class ForeignSignatures
{
    private static readonly ImmutableArray<Row> Rows =
    [
        // Programs and installers. Two letters are weak evidence for a PE, but a text that begins with them is rarer than the danger.
        new("pe", Executable, 0, "MZ"u8),
        new("elf", Executable, 0, "\x7F"u8, "ELF"u8),
        new("mach-o", Executable, 0, [0xFE, 0xED, 0xFA, 0xCE]),
        new("mach-o", Executable, 0, [0xFE, 0xED, 0xFA, 0xCF]),
        new("mach-o", Executable, 0, [0xCE, 0xFA, 0xED, 0xFE]),
        new("mach-o", Executable, 0, [0xCF, 0xFA, 0xED, 0xFE]),
        new("wasm", Executable, 0, "\0asm"u8),
        new("dex", Executable, 0, "dex\n0"u8),
        new("lnk", Executable, 0, [0x4C, 0, 0, 0, 0x01, 0x14, 0x02, 0]), // MS-SHLLINK 2.1
        new("crx", Executable, 0, "Cr24"u8),
        new("ar archive", Executable, 0, "!<arch>\n"u8), // Debian packages and static libraries
        new("rpm", Executable, 0, [0xED, 0xAB, 0xEE, 0xDB]),
        new("chm", Executable, 0, "ITSF"u8),
        new("llvm bitcode", Executable, 0, [0x42, 0x43, 0xC0, 0xDE]),

        // Content that a program acts on.
        new("postscript", ActiveContent, 0, "%!PS"u8),
        new("postscript", ActiveContent, 0, [0xC5, 0xD0, 0xD3, 0xC6]),

        // Honest formats that the product does not store.
        new("rar", Unsupported, 0, "Rar!\x1A\x07"u8),
        new("7z", Unsupported, 0, "7z"u8, [0xBC, 0xAF, 0x27, 0x1C]),
        new("gzip", Unsupported, 0, [0x1F, 0x8B, 0x08]),
        new("bzip2", Unsupported, 4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]), // after "BZh" and the block size
        new("xz", Unsupported, 0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
        new("zstd", Unsupported, 0, [0x28, 0xB5, 0x2F, 0xFD]),
        new("cab", Unsupported, 0, "MSCF\0\0\0\0"u8),
        new("tar", Unsupported, 257, "ustar"u8),
        new("psd", Unsupported, 0, "8BPS\0"u8),
        new("ico", Unsupported, 0, [0, 0, 1, 0]),
        new("cur", Unsupported, 0, [0, 0, 2, 0]),
        new("jpeg 2000", Unsupported, 0, "\0\0\0\x0CjP  \r\n"u8),
        new("jpeg xl", Unsupported, 0, "\0\0\0\x0CJXL \r\n"u8),
        new("jpeg xl", Unsupported, 0, [0xFF, 0x0A]),
        new("big tiff", Unsupported, 0, "II\x2B\0"u8),
        new("big tiff", Unsupported, 0, "MM\0\x2B"u8),
        new("wmf", Unsupported, 0, [0xD7, 0xCD, 0xC6, 0x9A]),
        new("emf", Unsupported, 40, " EMF"u8),
        new("silk", Unsupported, 0, "#!SILK_V3"u8), // voice messages of WeChat; without this row it would pass for a script
        new("silk", Unsupported, 0, "\x02#!SILK_V3"u8),
        new("flac", Unsupported, 0, "fLaC"u8),
        new("aiff", Unsupported, 8, "AIFF"u8),
        new("midi", Unsupported, 0, "MThd"u8),
        new("flv", Unsupported, 0, "FLV\x01"u8),
        new("asf", Unsupported, 0, [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]),
        new("mpeg program stream", Unsupported, 0, [0, 0, 1, 0xBA]),
        new("mpeg video", Unsupported, 0, [0, 0, 1, 0xB3]),
        new("rtf", Unsupported, 0, "{\\rtf"u8), // may embed objects; not among the types asked for
        new("sqlite", Unsupported, 0, "SQLite format 3\0"u8),
        new("truetype", Unsupported, 0, [0, 1, 0, 0, 0]),
        new("opentype", Unsupported, 0, "OTTO\0"u8),
        new("woff", Unsupported, 0, "wOFF"u8),
        new("woff2", Unsupported, 0, "wOF2"u8),
    ];

    public static Identification? Recognise(FileHead file)
    {
        foreach (var row in Rows)
        {
            if (file.HasAt(row.Offset, row.Pattern.AsSpan()))
                return row.Answer;
        }

        return JavaClassOrFatBinary(file) ?? Flash(file);
    }

    /// <summary>Both begin with CAFEBABE: a class file goes on with its version, 45 and up (JVM specification 4.1), a universal Mach-O
    /// binary with a handful of architectures.</summary>
    private static Identification? JavaClassOrFatBinary(FileHead file)
    {
        if (!file.HasAt(0, [0xCA, 0xFE, 0xBA, 0xBE]))
            return null;

        return Identification.Refuse(Executable, file.UInt16(6, bigEndian: true) >= 45 ? "java class" : "mach-o");
    }

    private static Identification? Flash(FileHead file) =>
        file.Length >= 4 && file[0] is (byte)'F' or (byte)'C' or (byte)'Z' && file.HasAt(1, "WS"u8) && file[3] is > 0 and < 0x20
            ? Identification.Refuse(ActiveContent, "swf")
            : null;

    private readonly struct Row(string name, RefusalReason reason, int offset, ReadOnlySpan<byte> start, ReadOnlySpan<byte> rest = default)
    {
        public int Offset { get; } = offset;

        public ImmutableArray<byte> Pattern { get; } = [.. start, .. rest];

        public Identification Answer { get; } = Identification.Refuse(reason, name);
    }
}
