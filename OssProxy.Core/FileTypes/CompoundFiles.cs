using System.Text;
using static OssProxy.Core.FileTypes.RefusalReason;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// OLE compound files (MS-CFB): Office documents up to 2003, but also installers, mail messages, thumbnails. The directory names the
/// streams inside; it often lies far behind the head, and then the name of the file chooses among the documents.
/// </summary>
internal static class CompoundFiles
{
    private const int EntryBytes = 128;

    // Installer database, transform, patch: {000C1084-…}, {000C1082-…}, {000C1086-0000-0000-C000-000000000046}, little-endian.
    private static ReadOnlySpan<byte> InstallerTail => [0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

    public static Identification? Recognise(FileHead file)
    {
        if (!file.HasAt(0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]))
            return null;
        if (file.IsNamed(".msi", ".msp", ".mst"))
            return Identification.Refuse(Executable, "msi");

        // Byte order and sector size are fixed by version: 512 bytes in version 3, 4096 in version 4 (MS-CFB 2.2).
        var sectorShift = file.UInt16(30);
        var directory = ((long)file.UInt32(48) + 1) << sectorShift;
        if (file.UInt16(28) != 0xFFFE || sectorShift is not (9 or 12))
            return Identification.Refuse(Unknown, "broken compound file");
        if (directory + EntryBytes > file.Length)
            return file.IsWhole ? Identification.Refuse(Unknown, "broken compound file") : ByName(file);

        return ByDirectory(file.From((int)directory)[..Math.Min(1 << sectorShift, file.Length - (int)directory)]) ?? ByName(file);
    }

    /// <summary>Reads the first sector of the directory. Null when no entry in it tells; there may be more sectors.</summary>
    private static Identification? ByDirectory(ReadOnlySpan<byte> sector)
    {
        FileType? type = null;
        for (var at = 0; at + EntryBytes <= sector.Length; at += EntryBytes)
        {
            var entry = sector.Slice(at, EntryBytes);
            if (at == 0 && IsInstaller(entry))
                return Identification.Refuse(Executable, "msi");
            if (IsNamed(entry, "Macros") || IsNamed(entry, "_VBA_PROJECT_CUR") || IsNamed(entry, "VBA"))
                return Identification.Refuse(Executable, "macro document");

            if (IsNamed(entry, "WordDocument"))
                type = FileTypeCatalog.Doc;
            else if (IsNamed(entry, "Workbook") || IsNamed(entry, "Book"))
                type = FileTypeCatalog.Xls;
            else if (IsNamed(entry, "PowerPoint Document"))
                type = FileTypeCatalog.Ppt;
        }

        return type is null ? null : Identification.Of(type);
    }

    private static Identification ByName(FileHead file)
    {
        foreach (var type in (ReadOnlySpan<FileType>)[FileTypeCatalog.Doc, FileTypeCatalog.Xls, FileTypeCatalog.Ppt])
        {
            if (file.IsNamed(type.Extensions.AsSpan()))
                return Identification.Of(type);
        }

        return Identification.Refuse(Unsupported, "compound file");
    }

    private static bool IsInstaller(ReadOnlySpan<byte> rootEntry)
    {
        var classId = rootEntry.Slice(80, 16);
        return classId[0] is 0x82 or 0x84 or 0x86 && classId[1..].SequenceEqual(InstallerTail);
    }

    /// <summary>Compares an entry's name: UTF-16LE, at most 31 characters and a NUL, its bytes counted at offset 64.</summary>
    private static bool IsNamed(ReadOnlySpan<byte> entry, string name)
    {
        Span<byte> expected = stackalloc byte[64];
        var length = Encoding.Unicode.GetBytes(name, expected);
        return entry[64] == length + 2 && entry[65] == 0 && entry.StartsWith(expected[..(length + 2)]);
    }
}
