using System.Security.Cryptography;

namespace OssProxy.Api.ConsolePages;

/// <summary>The pages' style sheet, which lies in the program itself: it is there wherever the program is.</summary>
internal static class StyleSheet
{
    public const string Path = "/console/style.css";

    public static byte[] Bytes { get; } = Read();

    /// <summary>The address under which browsers may keep it for good: another sheet has another.</summary>
    public static string Address { get; } = $"{Path}?v={Convert.ToHexStringLower(SHA256.HashData(Bytes))[..12]}";

    private static byte[] Read()
    {
        using var resource = typeof(StyleSheet).Assembly.GetManifestResourceStream(typeof(StyleSheet), "style.css")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
