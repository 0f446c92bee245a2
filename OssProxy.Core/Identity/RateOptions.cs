namespace OssProxy.Core.Identity;

/// <summary>How often somebody may ask, and how much may be open at once. Section <c>Rates</c>; 0 is no limit.</summary>
public sealed class RateOptions
{
    public const string Section = "Rates";

    /// <summary>Requests a minute of one known caller; 0 to 1,000,000.</summary>
    public int RequestsPerMinute { get; set; }

    /// <summary>Requests a minute from one address, whoever asks; 0 to 1,000,000.</summary>
    public int AddressRequestsPerMinute { get; set; }

    /// <summary>Requests a minute of all guests at one address; 0 to 1,000,000.</summary>
    public int GuestRequestsPerMinute { get; set; }

    /// <summary>Attempts to sign in a minute from one address, with a password, a mini-program's code or as a guest; 0 to 1,000,000.
    /// Default 20.</summary>
    public int SignInsPerMinute { get; set; } = 20;

    /// <summary>Uploads that one known caller may have open at once; 0 to 10,000.</summary>
    public int OpenUploads { get; set; }

    /// <summary>Uploads that may be open at once from one address; 0 to 10,000.</summary>
    public int AddressOpenUploads { get; set; }

    /// <summary>Uploads that all guests at one address may have open at once; 0 to 10,000.</summary>
    public int GuestOpenUploads { get; set; }
}
