using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class FileTypeCatalogSpecs
{
    [Fact]
    public void Names_are_unique_and_findable_in_any_case()
    {
        FileTypeCatalog.All.Select(type => type.Name).Should().OnlyHaveUniqueItems();
        FileTypeCatalog.All.Should().AllSatisfy(type => FileTypeCatalog.Find(type.Name.ToUpperInvariant()).Should().BeSameAs(type));
        FileTypeCatalog.Find("svg").Should().BeNull();
    }

    [Fact]
    public void Extensions_begin_with_a_dot_and_are_lower_case() =>
        FileTypeCatalog.All.Should().AllSatisfy(type => type.Extensions.Should().NotBeEmpty()
            .And.OnlyContain(extension => extension.StartsWith('.') && !extension.Any(char.IsAsciiLetterUpper) && extension.Length > 1));

    [Fact]
    public void Media_types_are_lower_case_and_agree_with_their_family() =>
        FileTypeCatalog.All.Should().AllSatisfy(type =>
        {
            type.MediaType.Should().MatchRegex("^[a-z]+/[a-z0-9.+-]+$");
            var tree = type.Family switch
            {
                FileFamily.Image => "image/",
                FileFamily.Video => "video/",
                FileFamily.Audio => "audio/",
                FileFamily.Text => "text/plain",
                _ => "application/",
            };
            type.MediaType.Should().StartWith(tree);
        });

    [Fact]
    public void Only_pictures_and_media_are_shown_in_place() =>
        FileTypeCatalog.All.Should().AllSatisfy(type =>
            type.Inline.Should().Be(type.Family is FileFamily.Image or FileFamily.Video or FileFamily.Audio));

    [Fact]
    public void No_type_is_served_as_something_a_browser_runs() =>
        FileTypeCatalog.All.Select(type => type.MediaType)
            .Should().NotContain(media => media.EndsWith("xml", StringComparison.Ordinal)
                || media.Contains("html", StringComparison.Ordinal) || media.Contains("script", StringComparison.Ordinal));

    [Theory]
    [InlineData(".JPG", ".jpg")]
    [InlineData(".Jpeg", ".jpeg")]
    [InlineData(".HEIC", ".jpg")]
    [InlineData(".svg", ".jpg")]
    [InlineData("jpg", ".jpg")]
    [InlineData(".", ".jpg")]
    [InlineData("", ".jpg")]
    [InlineData(null, ".jpg")]
    public void The_stored_extension_comes_from_the_content(string? original, string stored) =>
        FileTypeCatalog.Find("jpeg")!.ExtensionFor(original).Should().Be(stored);

    [Fact]
    public void An_empty_file_is_refused() =>
        FileTypeCatalog.Identify([], isWhole: true, ".txt").ShouldBeRefused(RefusalReason.Empty, "empty");

    [Fact]
    public void A_single_byte_is_no_type()
    {
        for (var value = 0; value <= byte.MaxValue; value++)
            FileTypeCatalog.Identify([(byte)value], isWhole: true, null).IsAccepted.Should().BeFalse();
    }

    [Theory]
    [InlineData("pe", RefusalReason.Executable, "4D5A 9000 0300 0000 0400 0000 FFFF 0000")]
    [InlineData("elf", RefusalReason.Executable, "7F45 4C46 0201 0100 0000 0000 0000 0000")]
    [InlineData("mach-o", RefusalReason.Executable, "CFFA EDFE 0C00 0001 0000 0000 0200 0000")]
    [InlineData("mach-o", RefusalReason.Executable, "CAFE BABE 0000 0002 0100 0007 0000 0003")]
    [InlineData("java class", RefusalReason.Executable, "CAFE BABE 0000 0041 0022 0A00 0200 0307")]
    [InlineData("wasm", RefusalReason.Executable, "0061 736D 0100 0000")]
    [InlineData("lnk", RefusalReason.Executable, "4C00 0000 0114 0200 0000 0000 C000 0000 0000 0046")]
    [InlineData("dex", RefusalReason.Executable, "6465 780A 3033 3500")]
    [InlineData("ar archive", RefusalReason.Executable, "213C 6172 6368 3E0A 6465 6269 616E 2D62")]
    [InlineData("swf", RefusalReason.ActiveContent, "4357 530A 1122 0000 789C")]
    [InlineData("postscript", RefusalReason.ActiveContent, "2521 5053 2D41 646F 6265 2D33 2E30")]
    [InlineData("rar", RefusalReason.Unsupported, "5261 7221 1A07 0100")]
    [InlineData("7z", RefusalReason.Unsupported, "377A BCAF 271C 0004")]
    [InlineData("gzip", RefusalReason.Unsupported, "1F8B 0800 0000 0000 0003")]
    [InlineData("psd", RefusalReason.Unsupported, "3842 5053 0001 0000 0000")]
    [InlineData("avi", RefusalReason.Unsupported, "5249 4646 0010 0000 4156 4920 4C49 5354")]
    [InlineData("silk", RefusalReason.Unsupported, "0223 2153 494C 4B5F 5633 0C00 A7B2")]
    [InlineData("silk", RefusalReason.Unsupported, "2321 5349 4C4B 5F56 330C 00A7 B23C")]
    [InlineData("rtf", RefusalReason.Unsupported, "7B5C 7274 6631 5C61 6E73 6920 6865 6C6C 6F7D")]
    public void What_is_not_stored_is_called_by_its_name(string name, RefusalReason reason, string hex)
    {
        Sample.IdentifyHex(hex).ShouldBeRefused(reason, name);
        Sample.IdentifyHex(hex, ".png").ShouldBeRefused(reason, name);
        Sample.IdentifyHex(hex, ".txt").ShouldBeRefused(reason, name);
    }
}
