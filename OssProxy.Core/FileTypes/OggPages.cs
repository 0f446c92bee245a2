namespace OssProxy.Core.FileTypes;

/// <summary>Ogg: every stream announces itself in a page of its own at the beginning (RFC 3533, 4), so the kinds of streams tell video
/// from sound.</summary>
internal static class OggPages
{
    private const int PageHeaderBytes = 27;
    private const byte BeginOfStream = 0x02;

    public static Identification? Recognise(FileHead file)
    {
        if (!file.HasAt(0, "OggS"u8))
            return null;

        var hasSound = false;
        var position = 0;
        while (position + PageHeaderBytes <= file.Length && file.HasAt(position, "OggS\0"u8)
            && (file[position + 5] & BeginOfStream) != 0)
        {
            var segments = file[position + 26];
            var body = position + PageHeaderBytes + segments;
            var bodyBytes = 0;
            foreach (var lacing in file.From(position + PageHeaderBytes)[..Math.Min(segments, file.Length - position - PageHeaderBytes)])
                bodyBytes += lacing;

            // RFC 5334, 10 lists these first bytes; video in any stream makes the file a video.
            if (file[body] == 0x80 && file.HasAt(body + 1, "theora"u8))
                return Identification.Of(FileTypeCatalog.OggVideo);

            hasSound |= file.HasAt(body, "\x01vorbis"u8) || file.HasAt(body, "OpusHead"u8) || file.HasAt(body, "Speex   "u8)
                || (file[body] == 0x7F && file.HasAt(body + 1, "FLAC"u8));
            position = body + bodyBytes;
        }

        return hasSound
            ? Identification.Of(FileTypeCatalog.Ogg)
            : Identification.Refuse(RefusalReason.Unsupported, "ogg of no known stream");
    }
}
