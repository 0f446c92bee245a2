namespace OssProxy.Emulator;

/// <summary>What an uploader is told whose callback is tampered with.</summary>
public enum UploaderHears
{
    /// <summary>What the receiver answered, which is waited for; success as without a callback where the call is lost.</summary>
    Receiver,

    /// <summary>Success as without a callback, at once: the call, if any, is made behind its back.</summary>
    Success,

    /// <summary>203 CallbackFailed, at once, as if the receiver had been too slow; the call, if any, is made behind its back.</summary>
    Failure,
}

/// <summary>What goes wrong with an upload's callback; the object is stored in every case. All of it may be combined.</summary>
public sealed record CallbackFault
{
    /// <summary>The call is never made.</summary>
    public bool Lose { get; init; }

    public UploaderHears Uploader { get; init; }

    /// <summary>The call is made so much later, by the emulator's clock.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How often the same call is made, one after the other. Of several answers the first one counts.</summary>
    public int Times { get; init; } = 1;

    /// <summary>The signature is of the right key, but of another text.</summary>
    public bool ForgeSignature { get; init; }

    /// <summary>The call names this as the place of its key.</summary>
    public string? KeyUrl { get; init; }
}
