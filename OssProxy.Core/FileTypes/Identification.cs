using System.Diagnostics.CodeAnalysis;

namespace OssProxy.Core.FileTypes;

/// <summary>Why a file is not stored, judged by its content. A policy may refuse more, never less.</summary>
public enum RefusalReason
{
    /// <summary>The file has no bytes.</summary>
    Empty,

    /// <summary>The content is of no type that is known here, or of a known type but cut off or broken in its first bytes.</summary>
    Unknown,

    /// <summary>The type is recognised but not among those that the product stores: RAR, Matroska, PSD.</summary>
    Unsupported,

    /// <summary>A browser or an interpreter would act on it: HTML, SVG, XML, scripts.</summary>
    ActiveContent,

    /// <summary>A machine would run it: programs, installers, application packages, documents with macros.</summary>
    Executable,

    /// <summary>Plain text under a name that promises something else. Text is recognised by what it lacks, so the name must
    /// agree.</summary>
    NameMismatch,
}

/// <summary>The answer to "what is this file": a type that may be stored, or the reason why it may not.</summary>
public sealed record Identification
{
    private Identification(FileType? type, RefusalReason? refusal, string name) => (Type, Refusal, Name) = (type, refusal, name);

    /// <summary>The type; null when the file is refused.</summary>
    public FileType? Type { get; }

    /// <summary>Why the file is refused; null when it has a type.</summary>
    public RefusalReason? Refusal { get; }

    /// <summary>What the content is, for the log: the type's name, or <c>svg</c>, <c>elf</c>, <c>jar</c>, <c>unknown</c>. Always a word
    /// from this room, never text from the file or its name.</summary>
    public string Name { get; }

    /// <summary>Whether the file has a type, and so is not refused.</summary>
    [MemberNotNullWhen(true, nameof(Type))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Type is not null;

    internal static Identification Of(FileType type) => new(type, null, type.Name);

    internal static Identification Refuse(RefusalReason reason, string name) => new(null, reason, name);

    internal static Identification Broken(FileType type) => new(null, RefusalReason.Unknown, "broken " + type.Name);
}
