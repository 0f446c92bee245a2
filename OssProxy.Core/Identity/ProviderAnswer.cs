using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace OssProxy.Core.Identity;

/// <summary>
/// An object of a provider's answer, read as JSON whatever its content type says. A member that stands there twice is refused, because
/// whoever forged the answer would choose which of the two counts. Session keys and tokens beside the ids are read past.
/// </summary>
internal sealed class ProviderAnswer
{
    private const int Ok = 200;
    private const int MaxDepth = 16;
    private const int LongestId = 128;

    // The one such limit that is documented, WeChat's, counts by the minute.
    private static readonly TimeSpan ThrottledFor = TimeSpan.FromMinutes(1);

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private readonly IMiniappProvider _app;
    private readonly int _status;
    private readonly JsonElement _object;

    private ProviderAnswer(IMiniappProvider app, int status, JsonElement one) => (_app, _status, _object) = (app, status, one);

    /// <summary>The object as it was sent, byte by byte: what signatures are made over.</summary>
    public ReadOnlySpan<byte> Raw => JsonMarshal.GetRawUtf8Value(_object);

    /// <exception cref="IdentityException"><see cref="IdentityError.ProviderFailed"/>: it is no JSON object, or none that can be read in one
    /// way only.</exception>
    public static ProviderAnswer Parse(IMiniappProvider app, int status, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
                bytes = bytes[Encoding.UTF8.Preamble.Length..];
            using var document = JsonDocument.Parse(bytes, Strict);
            var answer = new ProviderAnswer(app, status, document.RootElement.Clone());
            return answer._object.ValueKind == JsonValueKind.Object ? answer : throw answer.Failure("no object");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The parser's own message would tell a piece of the answer.
            throw Failure(app, status, IdentityError.ProviderFailed, "no JSON, or a member twice");
        }
    }

    /// <summary>Whether it has a member, of whatever kind.</summary>
    public bool Has(string name) => _object.TryGetProperty(name, out _);

    /// <summary>A member that is an object; null when it is not there.</summary>
    public ProviderAnswer? Member(string name)
    {
        if (!_object.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            return null;
        return member.ValueKind == JsonValueKind.Object ? new ProviderAnswer(_app, _status, member) : throw Failure($"{name} is no object");
    }

    /// <summary>A member that is text, or a number as text; null when it is not there or empty.</summary>
    public string? Text(string name)
    {
        if (!_object.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            return null;
        try
        {
            var text = member.ValueKind == JsonValueKind.Number ? member.GetRawText() : member.GetString();
            return string.IsNullOrEmpty(text) ? null : text;
        }
        catch (InvalidOperationException)
        {
            // Another kind, or bytes that are no text.
            throw Failure($"{name} is no text");
        }
    }

    /// <summary>A whole number, perhaps sent as text; 0 when it is not there.</summary>
    public long Number(string name)
    {
        if (Text(name) is not { } text)
            return 0;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Failure($"{name} is no number");
    }

    /// <summary>An id of a user: 1 to 128 visible ASCII characters; null when it is not there or empty.</summary>
    public string? Id(string name)
    {
        var id = Text(name);
        return id is null || (id.Length <= LongestId && id.All(letter => letter is > ' ' and <= '~')) ? id : throw Failure($"{name} is no id");
    }

    /// <summary>Whom the answer vouches for.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.ProviderFailed"/>: for nobody.</exception>
    public MiniappIdentity Identity(string? openId, string? unionId) => openId is not null && _status == Ok
        ? new MiniappIdentity(_app.Provider, _app.AppId, openId, unionId)
        : throw Failure("neither an error nor a user");

    /// <summary>What is thrown for an answer that is a refusal.</summary>
    /// <param name="reason">Nothing that may hold the code: numbers and names of errors.</param>
    public IdentityException Failure(IdentityError error, string reason) => Failure(_app, _status, error, reason);

    private IdentityException Failure(string reason) => Failure(IdentityError.ProviderFailed, reason);

    private static IdentityException Failure(IMiniappProvider app, int status, IdentityError error, string reason) =>
        new(error, string.Create(CultureInfo.InvariantCulture, $"{app.Provider} {app.AppId} answered {status}: {reason}."))
        {
            RetryAfter = error == IdentityError.ProviderThrottled ? ThrottledFor : null,
        };
}
