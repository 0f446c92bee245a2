using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>The one table from what OSS says to what a store can do wrong. (OSS API reference: "Error responses".)</summary>
public static class OssFaults
{
    /// <summary>A refusal in the store's words. A failure without a code is a gateway's: behind it OSS may still be at work.</summary>
    public static StoreException Of(OssException failure) => new(Classify(failure), failure.Message, failure)
    {
        MayBeStored = failure.MayBeStored || failure is { Status: >= 500, Code: "" } ? true : null,
    };

    /// <summary>A failed exchange in the store's words. An answer that is none of OSS's says nothing of what OSS has done.</summary>
    public static StoreException Of(OssTransportException failure) => new(Classify(failure.Error), failure.Message, failure)
    {
        MayBeStored = failure.NeverSent ? false : failure.Error == OssTransportError.AnswerUnreadable ? true : null,
    };

    /// <summary>A refusal to look for unfinished uploads. Whoever does not know that request may say so without OSS's words: it is no failure
    /// that passes.</summary>
    public static StoreException OfListing(OssException failure)
    {
        var told = Of(failure);
        return told.Error == StoreError.StoreFailed && failure.Status is (>= 400 and < 500) or 501
            ? new StoreException(StoreError.StoreMisconfigured, failure.Message, failure)
            : told;
    }

    /// <summary>What a refusal means.</summary>
    public static StoreError Classify(OssException failure) => failure.Code switch
    {
        "FileAlreadyExists" => StoreError.ObjectExists,
        "RequestTimeout" => StoreError.StoreTimedOut,

        // A body that arrived cut although we sent it whole: the way there is at fault, not the configuration.
        "IncompleteBody" => StoreError.StoreFailed,

        // Somebody has aborted our parts: a lifecycle rule, or an operator.
        "NoSuchUpload" => StoreError.StoreFailed,
        "InvalidCRC64" or "InvalidDigest" => StoreError.ChecksumMismatch,
        "NoSuchBucket" or "InvalidBucketName" or "PermanentRedirect" or "SecondLevelDomainForbidden" or "NonStandardHostForbidden"
            or "PublicEndpointForbidden" or "CnameDenied" or "TransferAccelerationDisabled" => StoreError.StoreMisconfigured,

        // A wrong endpoint is an AccessDenied that names the right one.
        "AccessDenied" when failure.Endpoint is not null => StoreError.StoreMisconfigured,
        _ when failure.Code.EndsWith("LimitExceeded", StringComparison.Ordinal) => StoreError.StoreBusy,
        _ => ByStatus(failure),
    };

    /// <summary>What a failed exchange means.</summary>
    public static StoreError Classify(OssTransportError failure) => failure switch
    {
        OssTransportError.Unreachable => StoreError.StoreUnreachable,
        OssTransportError.TimedOut => StoreError.StoreTimedOut,
        OssTransportError.CredentialsRefused => StoreError.StoreAccessDenied,
        OssTransportError.CredentialsUnavailable => StoreError.StoreUnreachable,
        OssTransportError.ChecksumMismatch => StoreError.ChecksumMismatch,
        _ => StoreError.StoreFailed,
    };

    private static StoreError ByStatus(OssException failure) => failure.Status switch
    {
        429 or 503 => StoreError.StoreBusy,
        401 or 403 => StoreError.StoreAccessDenied,
        408 => StoreError.StoreTimedOut,
        >= 500 => StoreError.StoreFailed,

        // A 4xx in OSS's words is a request that this configuration cannot make; one without a code is not OSS speaking.
        >= 400 when failure.Code.Length > 0 => StoreError.StoreMisconfigured,
        _ => StoreError.StoreFailed,
    };
}
