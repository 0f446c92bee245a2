using System.Buffers.Binary;
using System.Text;
using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class IsoMediaSpecs
{
    [Theory]
    [InlineData("heic", "heic", "mif1,heic")]
    [InlineData("heic", "heix", "mif1,heix")]
    [InlineData("heic", "mif1", "mif1,heic")]
    [InlineData("heic", "mif1", "mif1,miaf,heix")]
    [InlineData("heic", "msf1", "msf1,hevc")]
    [InlineData("heic", "hevc", "msf1,hevc,mp42")]
    [InlineData("avif", "avif", "mif1,miaf,avif")]
    [InlineData("avif", "avis", "msf1,avis,iso8")]
    [InlineData("avif", "mif1", "mif1,avif,miaf")]
    [InlineData("heif", "mif1", "mif1,miaf")]
    [InlineData("heif", "msf1", "msf1,iso8")]
    [InlineData("heic", "isom", "mif1,heic,miaf")] // an image behind the brand of a video is one all the same
    [InlineData("heic", "mp42", "mp42,heix")]
    [InlineData("heic", "qt  ", "mif1,heic")]
    [InlineData("heic", "3gp4", "mif1,heic")]
    [InlineData("heic", "M4A ", "mif1,heic")]
    [InlineData("heic", "NEW!", "isom,heic")]
    [InlineData("avif", "isom", "isom,avif")]
    [InlineData("heif", "isom", "isom,mif1")]
    [InlineData("heif", "mif1", "isom")]
    [InlineData("mov", "qt  ", "qt  ")]
    [InlineData("mp4", "isom", "isom,iso2,avc1,mp41")]
    [InlineData("mp4", "mp42", "mp42,isom")]
    [InlineData("mp4", "M4V ", "M4V ,mp42")]
    [InlineData("mp4", "NEW!", "isom")]
    [InlineData("m4a", "M4A ", "M4A ,mp42,isom")]
    [InlineData("3gp", "3gp4", "3gp4,isom")]
    public void Brands_tell_the_type(string type, string major, string compatible) =>
        Sample.Identify(FileTypeBox(major, compatible)).ShouldBe(type);

    [Theory]
    [InlineData("mp42", "mp42,isom", ".M4A", "m4a")]
    [InlineData("mp42", "mp42,isom", ".mp4", "mp4")]
    [InlineData("mp42", "mp42,isom", ".exe", "mp4")]
    [InlineData("3gp4", "3gp4,isom", ".mp4", "mp4")]
    [InlineData("3gp4", "3gp4", ".mp4", "3gp")]
    [InlineData("heic", "mif1,heic", ".m4a", "heic")]
    public void A_name_chooses_only_among_kinds_that_share_their_brands(string major, string compatible, string extension, string type) =>
        Sample.Identify(FileTypeBox(major, compatible), extension).ShouldBe(type);

    [Theory]
    [InlineData("isom")]
    [InlineData("mp42")]
    [InlineData("qt  ")]
    [InlineData("3gp4")]
    [InlineData("M4A ")]
    public void A_photo_of_a_phone_under_another_major_brand_stays_one(string major)
    {
        var file = Sample.Bytes("plain.heic");
        Encoding.ASCII.GetBytes(major).CopyTo(file, 8);

        Sample.Identify(file).ShouldBe("heic");
    }

    [Theory]
    [InlineData("crx ", "crx ,isom", "raw photo")]
    [InlineData("evil", "evil", "iso media")]
    public void Unknown_brands_are_refused(string major, string compatible, string name) =>
        Sample.Identify(FileTypeBox(major, compatible)).ShouldBeRefused(RefusalReason.Unsupported, name);

    [Theory]
    [InlineData("0000 0008 6674 7970")]
    [InlineData("0000 0018 6674 7970 6D70 3432")]
    [InlineData("0000 0010 6674 7970 6D70 3432 0000 0000")] // nothing behind the box
    [InlineData("FFFF FFFF 6674 7970 6D70 3432 0000 0000 6D70 3432 6D70 3432")]
    [InlineData("0000 0000 6674 7970 6D70 3432 0000 0000 6D70 3432 6D70 3432")]
    public void A_file_type_box_that_cannot_be_is_refused(string hex) =>
        Sample.IdentifyHex(hex).ShouldBeRefused(RefusalReason.Unknown, "broken iso media");

    [Theory]
    [InlineData("0000 0010 6D6F 6F76 0000 0008 6D76 6864")] // moov
    [InlineData("0000 0008 7769 6465 0000 0010 6D64 6174 0102 0304 0506 0708")] // wide, mdat
    [InlineData("0000 000C 736B 6970 0000 0000 0000 0010 6D64 6174 0102 0304 0506 0708")] // skip, mdat
    [InlineData("0000 0001 6D64 6174 0000 0001 0000 0000 0000")] // mdat with a 64-bit size
    public void A_movie_from_before_the_file_type_box_is_quicktime(string hex) =>
        Sample.IdentifyHex(hex, ".mp4").ShouldBe("mov");

    [Theory]
    [InlineData("textmoov is what this begins with, and it is prose")]
    [InlineData("    free of charge, and in plain letters, is this")]
    public void Prose_is_no_movie(string text) => Sample.Identify(text).ShouldBe("txt");

    [Fact]
    public void Filler_without_a_movie_is_nothing() =>
        Sample.IdentifyHex("0000 0008 6672 6565 0000 0008 6672 6565 0000 0008 6672 6565").ShouldBeRefused(RefusalReason.Unknown);

    [Theory]
    [InlineData("1A45 DFA3 80")]
    [InlineData("1A45 DFA3 FF")]
    [InlineData("1A45 DFA3 0000 0000 0000 0000 00")]
    [InlineData("1A45 DFA3 01FF FFFF FFFF FFFE 4282 01FF FFFF FFFF FFFE")]
    public void An_ebml_header_without_a_document_type_is_refused(string hex) =>
        Sample.IdentifyHex(hex).ShouldBeRefused(RefusalReason.Unknown, "broken ebml");

    private static byte[] FileTypeBox(string major, string compatible)
    {
        var brands = compatible.Split(',');
        var file = new byte[16 + (4 * brands.Length) + 16];
        BinaryPrimitives.WriteInt32BigEndian(file, file.Length - 16);
        Encoding.ASCII.GetBytes("ftyp" + major).CopyTo(file, 4);
        Encoding.ASCII.GetBytes(string.Concat(brands)).CopyTo(file, 16);
        return file;
    }
}
