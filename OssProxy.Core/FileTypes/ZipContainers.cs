using static OssProxy.Core.FileTypes.RefusalReason;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// What a ZIP file is: an Office or OpenDocument file, a package that a machine installs or runs (refused), or just an archive. Told by
/// the names of its first entries; where packers may have put others first, the name of the file says, but only towards refusal or
/// among Office files.
/// </summary>
internal static class ZipContainers
{
    private static ReadOnlySpan<byte> OpenDocument => "application/vnd.oasis.opendocument."u8;

    public static Identification? Recognise(FileHead file)
    {
        if (file.HasAt(0, "PK\x05\x06"u8))
            return Identification.Refuse(Unsupported, "empty zip");
        if (!file.HasAt(0, ZipEntries.LocalHeader))
            return null;
        if (RefuseByName(file) is { } refusal)
            return refusal;

        var entries = new ZipEntries(file.Bytes);
        if (!entries.Read() || !IsPath(entries.Name))
            return Identification.Broken(FileTypeCatalog.Zip);
        if (entries.IsStored && entries.Name.SequenceEqual("mimetype"u8) && ByMimeType(entries.Data) is { } answer)
            return answer.IsAccepted && HoldsMacros(entries) ? Identification.Refuse(Executable, "macro document") : answer;

        return ByEntries(entries, file);
    }

    private static Identification ByEntries(ZipEntries entries, FileHead file)
    {
        var isOfficePackage = false;
        FileType? office = null;
        do
        {
            var name = entries.Name;
            if (PackageOf(name) is { } package)
                return Identification.Refuse(Executable, package);
            if (name.EndsWith("vbaProject.bin"u8))
                return Identification.Refuse(Executable, "macro document");

            isOfficePackage |= name.SequenceEqual("[Content_Types].xml"u8)
                || name.StartsWith("_rels/"u8) || name.StartsWith("docProps/"u8);
            office ??= OfficeTypeOf(name);
        }
        while (entries.Read());

        // A folder called "word" alone is no document; a document whose main part lies beyond the head is chosen by name.
        office ??= isOfficePackage ? OfficeTypeByName(file) : null;
        var isOffice = office is not null && (isOfficePackage || OfficeTypeByName(file) == office);
        return Identification.Of(isOffice ? office! : FileTypeCatalog.Zip);
    }

    /// <summary>OpenDocument and its relatives put an entry first whose stored content is their media type (OpenDocument 1.3, part 2,
    /// 3.3), so that it can be read at a fixed place.</summary>
    private static Identification? ByMimeType(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf("PK"u8);
        var mediaType = end < 0 ? data[..Math.Min(data.Length, 128)] : data[..end];
        if (mediaType.StartsWith(OpenDocument))
        {
            var kind = mediaType[OpenDocument.Length..];
            if (kind.SequenceEqual("text"u8))
                return Identification.Of(FileTypeCatalog.Odt);
            if (kind.SequenceEqual("spreadsheet"u8))
                return Identification.Of(FileTypeCatalog.Ods);
            if (kind.SequenceEqual("presentation"u8))
                return Identification.Of(FileTypeCatalog.Odp);

            return Identification.Refuse(Unsupported, "opendocument");
        }

        return mediaType.SequenceEqual("application/epub+zip"u8) ? Identification.Refuse(Unsupported, "epub") : null;
    }

    private static bool HoldsMacros(ZipEntries entries)
    {
        while (entries.Read())
        {
            if (entries.Name.StartsWith("Basic/"u8) || entries.Name.StartsWith("Scripts/"u8))
                return true;
        }

        return false;
    }

    private static string? PackageOf(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("AndroidManifest.xml"u8) || name.SequenceEqual("classes.dex"u8) || name.SequenceEqual("resources.arsc"u8))
            return "apk";
        if (name.SequenceEqual("META-INF/MANIFEST.MF"u8) || name.SequenceEqual("META-INF/"u8) || name.EndsWith(".class"u8))
            return "jar";
        if (name.StartsWith("Payload/"u8) && name.IndexOf(".app/"u8) > 0)
            return "ipa";

        return name.SequenceEqual("AppxManifest.xml"u8) || name.SequenceEqual("AppxBlockMap.xml"u8) ? "appx" : null;
    }

    private static FileType? OfficeTypeOf(ReadOnlySpan<byte> name)
    {
        if (name.StartsWith("word/"u8))
            return FileTypeCatalog.Docx;
        if (name.StartsWith("xl/"u8))
            return FileTypeCatalog.Xlsx;

        return name.StartsWith("ppt/"u8) ? FileTypeCatalog.Pptx : null;
    }

    private static FileType? OfficeTypeByName(FileHead file)
    {
        if (file.IsNamed(".docx"))
            return FileTypeCatalog.Docx;
        if (file.IsNamed(".xlsx"))
            return FileTypeCatalog.Xlsx;

        return file.IsNamed(".pptx") ? FileTypeCatalog.Pptx : null;
    }

    /// <summary>Office runs macros only under the names that announce them; under .docx it refuses to open such a file. So refusing the
    /// names is enough, and entries that show a macro are refused whatever the name.</summary>
    private static Identification? RefuseByName(FileHead file)
    {
        if (file.IsNamed(".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".potm", ".ppsm", ".ppam", ".sldm"))
            return Identification.Refuse(Executable, "macro document");
        if (file.IsNamed(".jar", ".war", ".ear"))
            return Identification.Refuse(Executable, "jar");
        if (file.IsNamed(".apk", ".aab", ".apks", ".xapk"))
            return Identification.Refuse(Executable, "apk");
        if (file.IsNamed(".ipa"))
            return Identification.Refuse(Executable, "ipa");

        return file.IsNamed(".hap", ".app", ".appx", ".msix", ".crx", ".xpi", ".vsix", ".whl", ".nupkg", ".oxt")
            ? Identification.Refuse(Executable, "application package")
            : null;
    }

    private static bool IsPath(ReadOnlySpan<byte> name) => !name.IsEmpty && !name.ContainsAnyInRange((byte)0, (byte)0x1F);
}
