using System.Text;
using System.Text.Json;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Callbacks;

/// <summary>
/// What an uploader wants to have called when its object is stored. Everything that can be wrong with it is told
/// before the first byte of the object is taken.
/// </summary>
internal sealed record CallbackOrder
{
    private const int MaxTargets = 5;
    private const string Form = "application/x-www-form-urlencoded";
    private const string Json = "application/json";
    private const string WrongVariable = "The callback variable must be text and its name must begin with x: and be in lower case.";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonDocumentOptions Exact = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Tried in order until one answers as it should.</summary>
    public required IReadOnlyList<CallbackTarget> Targets { get; init; }

    /// <summary>The Host header, null for that of the URL.</summary>
    public string? Host { get; init; }

    /// <summary>A template with <c>${…}</c>.</summary>
    public required string Body { get; init; }

    public required string BodyType { get; init; }

    public bool IsJson => BodyType == Json;

    /// <summary>The name in the TLS handshake is <see cref="Host"/>.</summary>
    public bool SendsHostAsServerName { get; init; }

    /// <summary>The uploader's own variables, names with their <c>x:</c>.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>Null when nobody is to be called.</summary>
    public static CallbackOrder? Of(OssRequest request, EmulatorOptions options)
    {
        if (request.Form is { } form)
            return form["callback"] is { } field ? Parse(field, Custom(form.Fields), options) : null;

        if (One(request, "x-oss-callback", "callback") is not { } text)
            return null;

        var custom = One(request, "x-oss-callback-var", "callback-var");
        return Parse(text, custom is null ? new Dictionary<string, string>() : Custom(custom, options.Limits), options);
    }

    private static string? One(OssRequest request, string header, string parameter)
    {
        var (inHeader, inQuery) = (request.Header(header), request.Query[parameter]);
        if (inHeader is not null && inQuery is not null)
            throw CallbackErrors.Invalid($"Only one of {header} and {parameter} may be specified.", parameter, inQuery);

        return inHeader ?? inQuery;
    }

    private static CallbackOrder Parse(string base64, IReadOnlyDictionary<string, string> variables, EmulatorOptions options)
    {
        OssException Wrong(string what, string? errorCode = null) => CallbackErrors.Invalid(what, "callback", base64, errorCode);

        using var document = Document(base64, "callback", options.Limits);
        var root = document.RootElement;
        if (root.TryGetProperty("additionalHeaders", out _))
            throw OssErrors.ResourceNotImplemented("additionalHeaders");

        var targets = TargetsOf(Text(root, "callbackUrl") ?? "", Wrong, options.AllowPrivateCallbacks);
        var host = root.TryGetProperty("callbackHost", out var given) && given.ValueKind != JsonValueKind.Null ? given : default;
        if (host.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String) || (host.ValueKind == JsonValueKind.String && !IsHost(host.GetString()!)))
            throw Wrong("The callback host configuration is invalid.");

        var type = root.TryGetProperty("callbackBodyType", out _) ? Text(root, "callbackBodyType") : Form;
        if (type is not (Form or Json))
            throw Wrong("The callback body type configuration is invalid.");

        if (Text(root, "callbackBody") is not { Length: > 0 } body)
            throw Wrong("The callback body is empty.", "0007-00000011");

        var serverName = false;
        if (root.TryGetProperty("callbackSNI", out var sni))
            serverName = sni.ValueKind is JsonValueKind.True or JsonValueKind.False ? sni.GetBoolean() : throw Wrong("The callback SNI configuration is invalid.");

        return new()
        {
            Targets = targets,
            Host = host.ValueKind == JsonValueKind.String && host.GetString() is { Length: > 0 } name ? name : null,
            Body = body,
            BodyType = type,
            SendsHostAsServerName = serverName,
            Variables = variables,
        };
    }

    private static List<CallbackTarget> TargetsOf(string urls, Func<string, string?, OssException> wrong, bool allowPrivate)
    {
        var texts = urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (texts.Length > MaxTargets)
            throw wrong("The number of callback url exceed max value.", "0007-00000005");

        var targets = texts.Select(CallbackTarget.Parse).OfType<CallbackTarget>().ToList();
        if (targets.Count == 0 || targets.Count != texts.Length)
            throw wrong("The callback url configuration is invalid.", "0007-00000004");

        return allowPrivate || !targets.Exists(t => t.NamesPrivateAddress) ? targets : throw wrong("Private address is forbidden to callback.", null);
    }

    private static bool IsHost(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '_');

    private static Dictionary<string, string> Custom(IReadOnlyDictionary<string, string> fields)
    {
        var variables = fields.Where(f => f.Key.StartsWith("x:", StringComparison.OrdinalIgnoreCase)).ToDictionary(f => f.Key, f => f.Value);
        return variables.Keys.FirstOrDefault(name => !IsVariable(name)) is { } bad ? throw CallbackErrors.Invalid(WrongVariable, bad, variables[bad]) : variables;
    }

    private static Dictionary<string, string> Custom(string base64, EmulatorLimits limits)
    {
        using var document = Document(base64, "callback-var", limits);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            variables[member.Name] = IsVariable(member.Name) && member.Value.ValueKind == JsonValueKind.String
                ? member.Value.GetString()!
                : throw CallbackErrors.Invalid(WrongVariable, "callback-var", base64);
        }

        return variables;
    }

    private static bool IsVariable(string name) => name.Length > 2 && name.StartsWith("x:", StringComparison.Ordinal) && !name.Any(char.IsUpper);

    private static JsonDocument Document(string base64, string argument, EmulatorLimits limits)
    {
        OssException Wrong(string what, string? errorCode = null) => CallbackErrors.Invalid($"The {argument} configuration is not {what}.", argument, base64, errorCode);

        if (base64.Length > limits.MaxCallbackBytes)
            throw CallbackErrors.Invalid($"The length of {argument} exceed max value.", argument, "");

        string text;
        try
        {
            text = Strict.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            throw Wrong("base64 encoded", "0007-00000002");
        }
        catch (DecoderFallbackException)
        {
            throw Wrong("json format");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, Exact);
        }
        catch (JsonException)
        {
            throw Wrong("json format");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;

        document.Dispose();
        throw Wrong("json format");
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
