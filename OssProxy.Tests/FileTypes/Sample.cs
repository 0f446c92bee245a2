using System.Text;
using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

/// <summary>Reads the sample files and asks the catalogue about bytes.</summary>
internal static class Sample
{
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", name));

    /// <summary>Identifies a file as the pipeline does: the head cut at <see cref="FileTypeCatalog.HeadBytes"/>.</summary>
    public static Identification Identify(byte[] file, string? extension = null) =>
        FileTypeCatalog.Identify(
            file.AsSpan(0, Math.Min(file.Length, FileTypeCatalog.HeadBytes)), file.Length <= FileTypeCatalog.HeadBytes, extension);

    public static Identification Identify(string text, string? extension = null) => Identify(Encoding.UTF8.GetBytes(text), extension);

    public static Identification IdentifyHex(string hex, string? extension = null) =>
        Identify(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), extension);

    public static void ShouldBe(this Identification actual, string type)
    {
        actual.IsAccepted.Should().BeTrue("it is {0}, but was refused: {1}, {2}", type, actual.Refusal, actual.Name);
        actual.Name.Should().Be(type);
    }

    public static void ShouldBeRefused(this Identification actual, RefusalReason reason, string? name = null)
    {
        actual.Type.Should().BeNull();
        actual.Refusal.Should().Be(reason, "of {0}", actual.Name);
        if (name is not null)
            actual.Name.Should().Be(name);
    }
}
