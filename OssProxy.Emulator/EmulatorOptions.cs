using OssProxy.Emulator.Policies;

namespace OssProxy.Emulator;

/// <summary>What an emulator listens on, keeps and believes. Section <c>Emulator</c> when run by itself.</summary>
public sealed class EmulatorOptions
{
    public const string Section = "Emulator";

    /// <summary>One or more addresses separated by ";". Port 0 takes a free one. Plain http only.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:9100";

    /// <summary>Where objects live. One emulator per folder: a second one refuses to start.</summary>
    public string Folder { get; set; } = "data/emulator";

    /// <summary>Region id as V4 scopes spell it, without "oss-".</summary>
    public string Region { get; set; } = "cn-hangzhou";

    /// <summary>Created at start when missing; buckets already in the folder stay.</summary>
    public IList<EmulatorBucket> Buckets { get; init; } = [];

    /// <summary>Who may sign. Empty: one pair is generated and kept in the folder.</summary>
    public IList<EmulatorCredential> Credentials { get; init; } = [];

    /// <summary>
    /// What AssumeRole can be asked for; the answer signs at once, and is forgotten with the process. Empty: one role,
    /// <see cref="EmulatorRole.DefaultArn"/>, that everyone who may sign may assume and that may do all.
    /// </summary>
    public IList<EmulatorRole> Roles { get; init; } = [];

    /// <summary>Without this a non-loopback address is refused: the control endpoint and public-read buckets are meant for one machine.</summary>
    public bool AllowNonLoopback { get; set; }

    /// <summary>Opens <c>/__emulator/faults</c> and <c>/__emulator/requests</c> to loopback callers.</summary>
    public bool ControlEndpoint { get; set; }

    /// <summary><c>{bucket}.{suffix}</c> in Host names the bucket. The region's own public domain is always one of them.</summary>
    public IList<string> DomainSuffixes { get; init; } = ["localhost"];

    /// <summary>Custom domain to bucket, as a CNAME record binds them.</summary>
    public IDictionary<string, string> Cnames { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Origins that the built-in CORS rule of every bucket allows; "*" allows all.</summary>
    public IList<string> CorsOrigins { get; init; } = ["*"];

    /// <summary>
    /// Upload callbacks may go to loopback and private networks, where whoever develops has a server. The service refuses
    /// such addresses; false does as it does.
    /// </summary>
    public bool AllowPrivateCallbacks { get; set; } = true;

    /// <summary>
    /// Where requests with <c>x-oss-process</c> go on to: the key is appended. Read for each request, so that it may be set when the
    /// service has started. Empty: they are refused with NotImplemented.
    /// </summary>
    public string ImageServiceUrl { get; set; } = "";

    /// <summary>The id of the key that signs what goes there. Empty, with its secret: the first of those that may sign here.</summary>
    public string ImageServiceAccessKeyId { get; set; } = "";

    /// <summary>Its secret, never printed.</summary>
    public string ImageServiceAccessKeySecret { get; set; } = "";

    /// <summary>The service's limits, to be lowered by tests.</summary>
    public EmulatorLimits Limits { get; init; } = new();

    /// <summary>Clock of signatures, expiry, Date and fault delays.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Silent when null.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}

/// <summary>Limits of the service (OSS limits page), in bytes unless the name says otherwise.</summary>
public sealed class EmulatorLimits
{
    /// <summary>PutObject, UploadPart and the whole form of PostObject, default 5 GiB.</summary>
    public long MaxObjectBytes { get; set; } = 5L << 30;

    /// <summary>CopyObject, default 1 GiB; larger objects are copied by parts.</summary>
    public long MaxCopyBytes { get; set; } = 1L << 30;

    /// <summary>Every part but the last, checked at completion; default 100 KiB.</summary>
    public long MinPartBytes { get; set; } = 100 << 10;

    /// <summary>Names and values of <c>x-oss-meta-*</c> together, default 8 KiB.</summary>
    public int MaxMetadataBytes { get; set; } = 8 << 10;

    /// <summary>Name of one field of a form (PostObject), default 8 KiB.</summary>
    public int MaxFormNameBytes { get; set; } = 8 << 10;

    /// <summary>Value of one field of a form, default 2 MiB.</summary>
    public int MaxFormValueBytes { get; set; } = 2 << 20;

    /// <summary>All values of a form before its file, default 8 MiB.</summary>
    public int MaxFormFieldsBytes { get; set; } = 8 << 20;

    /// <summary>Base64 text of a callback, and of its variables; default 5 KiB.</summary>
    public int MaxCallbackBytes { get; set; } = 5 << 10;

    /// <summary>The receiver's answer to a callback, default 1 MiB.</summary>
    public int MaxCallbackAnswerBytes { get; set; } = 1 << 20;

    /// <summary>How long each URL of a callback may take to answer, 5 seconds.</summary>
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the image service may take for all of an answer, 60 seconds.</summary>
    public TimeSpan ImageServiceTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A body from which nothing has come for so long ends with RequestTimeout. The service's own figure is not published.</summary>
    public TimeSpan BodyIdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Allowed distance between the signed date and the clock, 15 minutes.</summary>
    public TimeSpan MaxClockSkew { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>A bucket to have at start.</summary>
public sealed class EmulatorBucket
{
    public string Name { get; set; } = "";

    /// <summary><c>private</c>, <c>public-read</c> or <c>public-read-write</c>. Public-read lets returned URLs open in a browser.</summary>
    public string Acl { get; set; } = "public-read";
}

/// <summary>An access key, temporary when it has a token.</summary>
public sealed class EmulatorCredential
{
    public string AccessKeyId { get; set; } = "";

    public string AccessKeySecret { get; set; } = "";

    public string? SecurityToken { get; set; }

    /// <summary>From then on the token answers SecurityTokenExpired.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>What it is limited to when AssumeRole issued it; null may do all.</summary>
    internal SessionRights? Session { get; init; }

    public override string ToString() => $"{AccessKeyId}:***";
}
