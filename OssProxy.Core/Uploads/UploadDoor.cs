using OssProxy.Core.Storage;

namespace OssProxy.Core.Uploads;

/// <summary>What a door is, whichever class its files go to. Together with the class it makes the policy.</summary>
public sealed record UploadDoor
{
    /// <summary>Where its files go.</summary>
    public required NamedStore Store { get; init; }

    /// <summary>Most files in one request.</summary>
    public required int MaxFiles { get; init; }

    /// <summary>Makes a key in a folder.</summary>
    public required Func<UploadFolder, string, ObjectKey> Name { get; init; }

    /// <summary>The folder that its route names; null where the class decides.</summary>
    public UploadFolder? Folder { get; init; }

    /// <summary>The transfer that the request asks for; null where the class decides.</summary>
    public string? Transfer { get; init; }

    /// <summary>The grant that has opened it; null for a door that needs none.</summary>
    public long? GrantId { get; init; }

    /// <summary>Who stands there.</summary>
    public required Sender Sender { get; init; }

    /// <summary>Whether a class that does not exist is worth a refusal: a console has its classes from us, a client from its own form.</summary>
    public bool RefusesUnknownClass { get; init; }
}

/// <summary>Who sends a file, and what that allows.</summary>
/// <param name="Owner">Whose it will be; empty for everybody who is not known, who are one owner together.</param>
/// <param name="Name">What the record says of who sent it.</param>
public sealed record Sender(string Owner, string Name)
{
    /// <summary>Whether classes that take no uploads of clients take this one's.</summary>
    public bool OpensEveryClass { get; init; }

    /// <summary>The only classes that may be uploaded into; null for all, and for none.</summary>
    public IReadOnlySet<long>? Classes { get; init; }

    /// <summary>Under which name a day's files and bytes are counted.</summary>
    public string CountedAs { get; init; } = Owner;

    /// <summary>Largest file in bytes where the class takes larger ones; null for no limit of its own.</summary>
    public long? MaxFileBytes { get; init; }

    /// <summary>Files of a day in one class, where the class takes more; null likewise.</summary>
    public long? FilesPerDay { get; init; }

    /// <summary>Bytes of a day in one class, where the class takes more; null likewise.</summary>
    public long? BytesPerDay { get; init; }
}
