namespace OssProxy.Core.Grants;

/// <summary>What can be wrong with a direct upload. The names are stable and appear as <c>errorCode</c>; at the gateway they become the
/// codes that OSS has for the same.</summary>
public enum GrantError
{
    /// <summary>There is no such grant, or it is somebody else's, or what became of it has been settled.</summary>
    GrantNotFound,

    /// <summary>The grant is for other keys.</summary>
    KeyNotGranted,

    /// <summary>Nothing has been uploaded under the key.</summary>
    ObjectMissing,

    /// <summary>What was uploaded is not what the grant is for: another size, or kept beside it something that was not granted.</summary>
    ObjectAltered,

    /// <summary>Parts are missing, or are not of the sizes that were agreed.</summary>
    PartsMissing,

    /// <summary>This deployment has no store that clients could send to.</summary>
    DirectUploadOff,

    /// <summary>The class treats pictures before they are stored, and nobody does who goes to the store by themselves.</summary>
    ClassTreatsPictures,

    /// <summary>A callback that the store has not signed, or that somebody has changed on the way.</summary>
    CallbackRefused,

    /// <summary>The address of a callback's key is none that this deployment trusts.</summary>
    CallbackKeyRefused,

    /// <summary>The key of a trusted callback could not be fetched.</summary>
    CallbackKeyUnavailable,

    /// <summary>A form lacks a field that it must have.</summary>
    FormFieldMissing,

    /// <summary>A form has a field twice.</summary>
    FormFieldRepeated,

    /// <summary>A form's file does not stand behind all its fields, or there is more than one.</summary>
    FormFileMisplaced,

    /// <summary>A policy is no document that can be read in one way.</summary>
    PolicyMalformed,

    /// <summary>A policy has run out.</summary>
    PolicyExpired,

    /// <summary>A form breaks a condition of its policy, or has a field that the policy does not name.</summary>
    PolicyViolated,

    /// <summary>A policy was signed by nobody that is known here.</summary>
    PolicyKeyUnknown,

    /// <summary>A policy's signature is not the one that was given for it.</summary>
    PolicySignatureWrong,

    /// <summary>A file is smaller than its policy says.</summary>
    FileTooSmall,
}

/// <summary>A direct upload that was refused or cannot be. The message is for the log and holds neither a policy nor a signature.</summary>
public sealed class GrantException(GrantError error, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Why.</summary>
    public GrantError Error { get; } = error;

    /// <summary>The condition that failed, as OSS tells it to whoever sent the form; null where it is none.</summary>
    public string? Condition { get; init; }
}
