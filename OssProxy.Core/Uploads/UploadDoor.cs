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

    /// <summary>Who stands there.</summary>
    public required Sender Sender { get; init; }
}

/// <summary>Who sends a file.</summary>
/// <param name="Owner">Whose it will be; empty for everybody who is not known, who are one owner together.</param>
/// <param name="Name">What the record says of who sent it.</param>
/// <param name="IsAdmin">Whether every class takes it, and a class that does not exist is worth a refusal.</param>
public sealed record Sender(string Owner, string Name, bool IsAdmin)
{
    /// <summary>Whoever has the admin key.</summary>
    public static Sender Admin { get; } = new("admin", "admin", IsAdmin: true);

    /// <summary>A client of whom nothing is known.</summary>
    public static Sender Client { get; } = new("", "client", IsAdmin: false);
}
