namespace OssProxy.Emulator.Http;

/// <summary>3 to 63 of <c>a-z 0-9 -</c>, first and last alphanumeric (OSS naming rules).</summary>
internal static class BucketName
{
    public static bool IsValid(string name) =>
        name.Length is >= 3 and <= 63
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && name[0] != '-' && name[^1] != '-';
}
