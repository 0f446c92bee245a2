using System.Globalization;
using System.Text;

namespace OssProxy.Core.Oss;

/// <summary>The store answered, and the answer is a refusal. The message is for the log: it holds status, code, EC and request id, never a
/// secret.</summary>
public sealed class OssException : Exception
{
    internal OssException(int status, string code, string? text, Exception? innerException = null)
        : base(text, innerException)
    {
        Status = status;
        Code = code;
        Text = text;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The service's error code (<c>NoSuchKey</c>); empty when the answer names none: an answer of somebody in between.</summary>
    public string Code { get; }

    /// <summary>The service's own words; null when it has none.</summary>
    public string? Text { get; }

    /// <summary>The finer code (<c>0026-00000001</c>), for display and for the service's troubleshooting page; null when not
    /// told.</summary>
    public string? EC { get; init; }

    /// <summary>What Aliyun's support asks for; null when the answer is not the service's.</summary>
    public string? RequestId { get; init; }

    /// <summary>The host that answered, in the service's words.</summary>
    public string? HostId { get; init; }

    /// <summary>The endpoint that the bucket wants to be addressed by.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The service's clock; told when it refuses ours.</summary>
    public DateTimeOffset? ServerTime { get; init; }

    /// <summary>Whether the object may be there all the same: an earlier attempt had sent all of it, and its answer was lost.</summary>
    internal bool MayBeStored { get; set; }

    /// <summary>Whether our clock is refused: the request was not carried out.</summary>
    internal bool IsSkew => Code == "RequestTimeTooSkewed";

    /// <summary>Whether temporary credentials are refused that may have been good before: the request was not carried out.</summary>
    internal bool IsOutdatedKey => Code is "InvalidAccessKeyId" or "SecurityTokenExpired" or "InvalidSecurityToken";

    public override string Message
    {
        get
        {
            var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"OSS answered {Status}");
            if (Code.Length > 0)
                text.Append(' ').Append(Code);
            if (EC is not null)
                text.Append(CultureInfo.InvariantCulture, $" (EC {EC})");
            if (!string.IsNullOrEmpty(Text))
                text.Append(": ").Append(Text);
            if (Endpoint is not null)
                text.Append(CultureInfo.InvariantCulture, $" Endpoint {Endpoint}.");

            return text.Append(CultureInfo.InvariantCulture, $" [request id {RequestId ?? "unknown"}]").ToString();
        }
    }
}

/// <summary>What can go wrong without a refusal.</summary>
public enum OssTransportError
{
    /// <summary>No connection, or one that broke before the answer was complete.</summary>
    Unreachable,

    /// <summary>The store neither took nor gave a byte for longer than the idle time-out.</summary>
    TimedOut,

    /// <summary>An answer came that is none of OSS.</summary>
    AnswerUnreadable,

    /// <summary>There is nothing to sign with: whoever gives our temporary credentials refuses to, or there is nobody who would.</summary>
    CredentialsRefused,

    /// <summary>There is nothing to sign with for now: whoever gives our temporary credentials does not answer, or is busy.</summary>
    CredentialsUnavailable,

    /// <summary>The store holds other bytes than were sent; they have been removed, unless the message says otherwise.</summary>
    ChecksumMismatch,
}

/// <summary>The exchange with the store failed.</summary>
public sealed class OssTransportException : Exception
{
    internal OssTransportException(OssTransportError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    public OssTransportError Error { get; }

    /// <summary>Whether the store surely has not seen the request: no connection came about, or there was nothing to sign it with.</summary>
    internal bool NeverSent
    {
        get => field || Error is OssTransportError.CredentialsRefused or OssTransportError.CredentialsUnavailable;
        init;
    }

    /// <summary>Whether the store had the request, or some of it, and then no answer came.</summary>
    internal bool IsBroken => Error is OssTransportError.Unreachable or OssTransportError.TimedOut && !NeverSent;

    /// <summary>Whether another attempt could do harm: the wrong bytes could not be removed.</summary>
    internal bool Final { get; init; }
}

/// <summary>A body held more or fewer bytes than its length promised: the fault of whoever made it, not the store's. Nothing has been
/// stored.</summary>
public sealed class BodyLengthException : Exception
{
    internal BodyLengthException(long promised, long delivered)
        : base(delivered > promised
            ? string.Create(CultureInfo.InvariantCulture, $"The body promised {promised} bytes and held more.")
            : string.Create(CultureInfo.InvariantCulture, $"The body promised {promised} bytes and held only {delivered}."))
    {
        Promised = promised;
        Delivered = delivered;
    }

    public long Promised { get; }

    /// <summary>Bytes read before the difference was seen.</summary>
    public long Delivered { get; }
}
