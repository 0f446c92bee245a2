using OssProxy.Tests.Api;

namespace OssProxy.Tests.Doors;

/// <summary>What a door owes to a parcel.</summary>
/// <param name="Status">200 when it is let in.</param>
/// <param name="Code">The error's name; empty when it is let in.</param>
internal sealed record Verdict(int Status, string Code = "")
{
    public static Verdict Welcome { get; } = new(200);
}

/// <summary>Something that somebody tries on a class, and what every door owes to it.</summary>
/// <param name="Name">A few words.</param>
/// <param name="Policy">The class's policy, JSON; null for none.</param>
internal sealed record Attack(string Name, string? Policy, Parcel Parcel)
{
    /// <summary>What this door owes; null where the attack cannot be expressed at it.</summary>
    public required Func<Door, Verdict?> Owed { get; init; }

    /// <summary>How many welcome parcels come before it.</summary>
    public int Before { get; init; }

    /// <summary>Whether the class is disabled, or only what stands above it.</summary>
    public bool Disabled { get; init; }

    /// <summary>Whether the class has been deleted.</summary>
    public bool Deleted { get; init; }

    /// <summary>Whether the policy is that of the class above.</summary>
    public bool Inherited { get; init; }

    /// <summary>Every attack of the table.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        new("one byte more than the class takes", """{"max_file_bytes":5000}""", new() { Content = Samples.PhotoOf(5001) }) { Owed = Bytes(413, "FileTooLarge") },
        new("one byte more, of unknown length", """{"max_file_bytes":5000}""", new() { Content = Samples.PhotoOf(5001), Chunked = true }) { Owed = Bytes(413, "FileTooLarge") },
        new("far more, announced", """{"max_file_bytes":5000}""", new() { Content = Samples.PhotoOf(12 << 20) }) { Owed = Bytes(413, "FileTooLarge") },
        new("one byte more than the class above takes", """{"max_file_bytes":5000}""", new() { Content = Samples.PhotoOf(5001) }) { Inherited = true, Owed = Bytes(413, "FileTooLarge") },
        new("exactly as much as the class takes", """{"max_file_bytes":5000}""", new() { Content = Samples.PhotoOf(5000) }) { Owed = Bytes(200) },

        new("more than others take, as the class allows", """{"max_file_bytes":3000000}""", new() { Content = Samples.PhotoOf(2_500_000) }) { Owed = door => door.TakesLinks ? null : door.Naming == Naming.Behind ? new(413, "FileTooLarge") : Verdict.Welcome },
        new("more than is taken without a word about it", null, new() { Content = Samples.PhotoOf(1_000_001) }) { Owed = Bytes(413, "FileTooLarge") },

        new("a type that the class does not take", """{"types":["png"]}""", new()) { Owed = _ => new(415, "TypeNotAllowed") },
        new("a type that the class above does not take", """{"types":["png"]}""", new()) { Inherited = true, Owed = _ => new(415, "TypeNotAllowed") },
        new("a page that says it is a picture", null, Fake("photo.png", "image/png", "<!DOCTYPE html><script>alert(1)</script>")) { Owed = Bytes(415, "TypeNotAllowed") },
        new("a drawing with a script", null, Fake("a.svg", "image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>")) { Owed = door => door.TakesLinks ? new(422, "FieldInvalid") : new(415, "TypeNotAllowed") },
        new("a program that says it is a picture", null, new() { Content = [.. "MZ"u8, .. new byte[200]] }) { Owed = Bytes(415, "TypeNotAllowed") },
        new("nothing at all", null, new() { Content = [] }) { Owed = Bytes(400, "FileEmpty") },
        new("text in the place of a file", null, new() { AsText = true }) { Owed = Bytes(400, "FormContradictory") },

        new("two files where one is taken", null, new() { Twice = true }) { Owed = door => door.TakesLinks ? null : door.TakesSeveral ? Verdict.Welcome : new(400, "FormTooComplex") },
        new("a form that does not end", null, new() { CutOff = true }) { Owed = Bytes(400, "FormMalformed") },
        new("a compressed form", null, new() { Compressed = true }) { Owed = Bytes(415, "EncodingNotSupported") },
        new("a transfer that does not exist", null, new() { Query = "mode=teleport" }) { Owed = door => door.TakesLinks || door.Path.Contains("mode=", StringComparison.Ordinal) ? null : new(400, "TransferUnknown") },
        new("two classes at once", null, new() { OtherClass = long.MaxValue }) { Owed = door => door.TakesLinks || door.Naming == Naming.Address ? null : new(400, "FormContradictory") },
        new("a class of none beside the one that counts", """{"max_file_bytes":5000}""", new() { Content = Samples.PhotoOf(5001), Query = "imageClassId=0" }) { Owed = Bytes(413, "FileTooLarge") },
        new("two classes in the address", null, new() { Query = "imageClassId=1&imageClassId=2" }) { Owed = Bytes(400, "FormContradictory") },

        new("one file more than a day allows", """{"files_per_day":2}""", new()) { Before = 2, Owed = _ => new(429, "DailyLimitReached") },
        new("more bytes than a day allows", """{"bytes_per_day":9000}""", new()) { Before = 2, Owed = Bytes(429, "DailyLimitReached") },
        new("as much as a day allows", """{"files_per_day":3,"bytes_per_day":12000}""", new()) { Before = 2, Owed = _ => Verdict.Welcome },

        new("a class that is closed to clients", """{"clients":false}""", new()) { Owed = door => door.IsAdmin ? Verdict.Welcome : new(403, "ClassClosed") },
        new("a class below one that is closed to clients", """{"clients":false}""", new()) { Inherited = true, Owed = door => door.IsAdmin ? Verdict.Welcome : new(403, "ClassClosed") },
        new("a disabled class", """{"max_file_bytes":1}""", new()) { Disabled = true, Owed = Nowhere },
        new("a class below a disabled one", """{"max_file_bytes":1}""", new()) { Disabled = true, Inherited = true, Owed = Nowhere },
        new("a class that has been deleted", """{"max_file_bytes":1}""", new()) { Deleted = true, Owed = Nowhere },

        new("a class of downloads in a folder of its own", """{"disposition":"attachment","prefix":"private/papers"}""", new()) { Owed = InTime },
        new("a class that wants a digest", """{"sha256":true}""", new()) { Owed = InTime },
        new("a name that climbs", """{"keep_name":true}""", new() { FileName = "../../../../etc/passwd.jpg" }) { Owed = InTime },
        new("a name with lines and quotes", """{"keep_name":true,"disposition":"attachment"}""", new() { FileName = "a%0d%0aSet-Cookie: x=1%22\u202Egpj.jpg" }) { Owed = InTime },
        new("a type that its name contradicts", null, new() { FileName = "photo.png", DeclaredType = "text/html" }) { Owed = Bytes(200) },
    ];

    public override string ToString() => Name;

    private static Parcel Fake(string name, string type, string content) =>
        new() { FileName = name, DeclaredType = type, Content = System.Text.Encoding.UTF8.GetBytes(content) };

    // Where bytes come through.
    private static Func<Door, Verdict?> Bytes(int status, string code = "") => door => door.TakesLinks ? null : new(status, code);

    // Rules that decide what is stored must be known before it is.
    private static Verdict? InTime(Door door) =>
        door.TakesLinks ? null : door.Naming == Naming.Behind ? new(400, "ClassTooLate") : Verdict.Welcome;

    // To a client a number that names no class is no class.
    private static Verdict? Nowhere(Door door) =>
        door.TakesLinks ? new(400, "ClassNotFound") : door.IsAdmin ? new(400, "ClassUnknown") : Verdict.Welcome;
}
