namespace OssProxy.Core.FileTypes;

/// <summary>
/// PDF, with its header at the beginning (ISO 32000-1, 7.5.2). Viewers also take a header anywhere in the first 1024 bytes; here only
/// white space and a byte order mark may come before it, because that tolerance is what files of two types are built with.
/// </summary>
internal static class Pdfs
{
    private static ReadOnlySpan<byte> Utf8ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static Identification? Recognise(FileHead file)
    {
        var text = file.Bytes.StartsWith(Utf8ByteOrderMark) ? file.Bytes[3..] : file.Bytes;
        text = text.TrimStart(" \t\r\n\f"u8);
        if (!text.StartsWith("%PDF-"u8))
            return null;

        var hasVersion = text.Length > 8
            && text[5] is (byte)'1' or (byte)'2' && text[6] == '.' && text[7] is >= (byte)'0' and <= (byte)'9';
        // A file that is here to its end has at least one object in it.
        var isCutOff = file.IsWhole && text.IndexOf(" obj"u8) < 0;
        return hasVersion && !isCutOff ? Identification.Of(FileTypeCatalog.Pdf) : Identification.Broken(FileTypeCatalog.Pdf);
    }
}
