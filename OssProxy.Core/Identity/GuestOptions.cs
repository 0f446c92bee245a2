namespace OssProxy.Core.Identity;

/// <summary>What clients without a known user may do. Section <c>Guests</c>.</summary>
public sealed class GuestOptions
{
    public const string Section = "Guests";

    /// <summary>Whether guests may send files through the chat doors; by default in Development only.</summary>
    public bool? Allowed { get; set; }

    /// <summary>Largest file of a guest in bytes, where the class takes larger ones; 0 for no limit of its own.</summary>
    public long MaxFileBytes { get; set; }

    /// <summary>Files that guests of one address may store in one class in a day; 0 for no limit of its own.</summary>
    public long FilesPerDay { get; set; }

    /// <summary>Bytes that guests of one address may store in one class in a day; 0 for no limit of its own.</summary>
    public long BytesPerDay { get; set; }
}
