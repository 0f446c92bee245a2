using System.Globalization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Forms;
using OssProxy.Api.Library;
using OssProxy.Core.Grants;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Grants;

/// <summary>What the doors of direct uploads have in common: who asks, for what, and how requests of theirs are read.</summary>
/// <param name="issuer">Null where no records are kept, and then there are no grants.</param>
/// <param name="parts">Null likewise.</param>
/// <param name="confirmation">Null likewise.</param>
public sealed class GrantDesk(
    LibraryDesk library, IOptions<GrantOptions> options, GrantIssuer? issuer = null, PartGrants? parts = null,
    GrantConfirmation? confirmation = null, StsGrants? sts = null)
{
    /// <summary>Most grants that are asked for in one request.</summary>
    public const int MostAtOnce = 20;

    /// <summary>The path of our gateway.</summary>
    public const string GatewayPath = "/oss/gateway";

    private const int LongestName = 255;

    public GrantIssuer Issuer => issuer ?? throw Off();

    public PartGrants Parts => parts ?? throw Off();

    public StsGrants Sts => sts ?? throw Off();

    public GrantConfirmation Confirmation => confirmation ?? throw Off();

    /// <summary>Whose the caller's files are; see <see cref="GrantConfirmation"/>.</summary>
    internal static string Owner(HttpContext context) => Entry.Of(context).Caller.Owner;

    internal Task<Fields> FieldsAsync(HttpContext context) => library.FieldsAsync(context);

    internal Task<byte[]> BodyAsync(HttpContext context) => library.BodyAsync(context);

    /// <summary>What an address asks for.</summary>
    internal GrantRequest RequestOf(HttpContext context) => Of(context, name => context.Request.Query[name] is [{ Length: > 0 } first, ..] ? first : null);

    /// <summary>What fields ask for.</summary>
    internal GrantRequest RequestOf(HttpContext context, Fields fields) =>
        Of(context, name => fields.Line(name, 0, LongestName) is { Length: > 0 } text ? text : null, fields);

    /// <summary>What a body asks for: the files of the list <c>files</c>, or one that it describes itself.</summary>
    internal async Task<IReadOnlyList<GrantRequest>> RequestsAsync(HttpContext context)
    {
        var fields = await FieldsAsync(context);
        var files = fields.Objects("files", MostAtOnce);
        return files is null ? [RequestOf(context, fields)] : [.. files.Select(file => RequestOf(context, file))];
    }

    /// <summary>How long something may be good for that is asked for.</summary>
    internal static TimeSpan? Lifetime(long? seconds) => seconds is { } asked
        ? asked >= 1 && asked <= (long)GrantOptions.LongestLife.TotalSeconds
            ? TimeSpan.FromSeconds(asked)
            : throw Fields.Invalid(string.Create(CultureInfo.InvariantCulture, $"expires 必须在 1 到 {(long)GrantOptions.LongestLife.TotalSeconds} 秒之间"))
        : null;

    /// <summary>The key that a path or an address names.</summary>
    internal static ObjectKey Key(string path) =>
        ObjectKey.TryParse(path, out var key) ? key : throw Fields.Invalid("key 不是有效的文件路径");

    private GrantRequest Of(HttpContext context, Func<string, string?> text, Fields? fields = null)
    {
        var named = text("file_name") ?? text("fileName");
        var size = fields?.Number("size", 0, long.MaxValue) ?? Number(text("size"), "size");
        return new GrantRequest(library.Sender(context))
        {
            ClassId = fields is null
                ? FormFields.ClassOf(FormFields.OfQuery(StringValues.Concat(context.Request.Query["imageClassId"], context.Request.Query["image_class_id"])))
                : fields.Number("imageClassId", 0, long.MaxValue) ?? fields.Number("image_class_id", 0, long.MaxValue) ?? 0,
            Name = named is null ? null : OriginalName.TryParse(named, out var name) ? name : throw Fields.Invalid("file_name 不是可用的文件名"),
            MediaType = text("content_type") ?? text("contentType"),
            Size = size,
            Lifetime = Lifetime(fields?.Number("expires", 1, long.MaxValue) ?? Number(text("expires"), "expires")),
            Version = VersionOf(text("version") ?? text("signature_version")),
            ByGateway = text("via") switch
            {
                null or "auto" => null,
                "direct" => false,
                "gateway" => true,
                _ => throw Fields.Invalid("via 只能是 auto、direct 或 gateway"),
            },
            GatewayUrl = GatewayUrl(context),
        };
    }

    /// <summary>The address of our gateway, as whoever asks reaches it.</summary>
    internal string GatewayUrl(HttpContext context) => options.Value.GatewayUrl.Length > 0
        ? options.Value.GatewayUrl
        : $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{GatewayPath}";

    private static PolicyVersion? VersionOf(string? text) => text?.ToUpperInvariant() switch
    {
        null => null,
        "1" or "V1" => PolicyVersion.V1,
        "4" or "V4" or "OSS4-HMAC-SHA256" => PolicyVersion.V4,
        _ => throw Fields.Invalid("version 只能是 1 或 4"),
    };

    private static long? Number(string? text, string name) => text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Fields.Invalid($"{name} 必须是不小于 0 的整数");

    private static ApiException Off() => new(ApiError.RecordsOff);
}
