namespace OssProxy.Core.Identity;

/// <summary>What a device calls itself.</summary>
public static class DeviceName
{
    /// <summary>Whether a guest's device may be known by a name: 1 to 64 letters, digits, <c>.</c>, <c>_</c>, <c>-</c>, which is what the
    /// identifiers of clients are made of.</summary>
    public static bool IsFit(string name) =>
        name.Length is > 0 and <= Sessions.LongestDevice && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}
