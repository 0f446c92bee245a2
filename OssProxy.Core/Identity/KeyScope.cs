using System.Collections.Frozen;

namespace OssProxy.Core.Identity;

/// <summary>What an API key opens.</summary>
public enum KeyRight
{
    /// <summary>Every way in for files, the consoles' too.</summary>
    Upload,

    /// <summary>What the consoles' routes show.</summary>
    AdminRead,

    /// <summary>Everything that a console can do.</summary>
    Admin,
}

/// <summary>What a machine may do.</summary>
/// <param name="KeyId">The number of its key.</param>
/// <param name="Rights">One at least.</param>
/// <param name="Classes">The only classes that it may upload into; empty for all, and for none.</param>
public sealed record KeyScope(long KeyId, FrozenSet<KeyRight> Rights, FrozenSet<long> Classes)
{
    /// <summary>Whether it may send files.</summary>
    public bool MayUpload => Rights.Contains(KeyRight.Upload) || Rights.Contains(KeyRight.Admin);

    /// <summary>Whether it may ask what the consoles ask.</summary>
    public bool MayAdminister(bool onlyReading) =>
        Rights.Contains(KeyRight.Admin) || (onlyReading && Rights.Contains(KeyRight.AdminRead));
}
