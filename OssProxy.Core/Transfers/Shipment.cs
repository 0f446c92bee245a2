using OssProxy.Core.Storage;

namespace OssProxy.Core.Transfers;

/// <summary>One object on its way: what is to be sent where, and, when the sending failed, what the store may keep of it.</summary>
/// <param name="store">Where it goes.</param>
/// <param name="key">Under which name.</param>
/// <param name="content">Its body and what is kept beside it.</param>
public sealed class Shipment(NamedStore store, ObjectKey key, ObjectContent content)
{
    public NamedStore Store { get; } = store;

    public ObjectKey Key { get; } = key;

    public ObjectContent Content { get; } = content;

    /// <summary>The most bytes that the receiver lets pass, whatever the sender has announced.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>After a failure: false when it had gone in parts that have all been aborted, so that the store keeps nothing; true when
    /// parts may remain; null when nothing went in parts, or the store was asked to join them: then the exception tells.</summary>
    public bool? PartsLeft { get; internal set; }

    /// <summary>The most bytes that the body can surely have.</summary>
    internal long LongestLength => Math.Min(Content.Length ?? Content.LengthLimit ?? long.MaxValue, MaxBytes);
}
