using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Envelope;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>
/// The fields of a console's request, out of JSON or of a form. A caller asks for each field that it knows and nothing else counts, so that
/// no client can set a column by sending its name. Numbers may come as text, as jQuery sends them; an empty text is no number.
/// </summary>
internal sealed class Fields
{
    // Of what consoles send, nothing lies deeper than the elements of a list; the rest of the depth is for what is ignored.
    private const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Func<string, FieldValue?> _find;

    private Fields(IReadOnlyCollection<string> names, Func<string, FieldValue?> find) => (Names, _find) = (names, find);

    /// <summary>The names of all fields, for a route that keeps what it does not know.</summary>
    public IReadOnlyCollection<string> Names { get; }

    /// <summary>A field as it came; null when it is not there.</summary>
    public FieldValue? this[string name] => _find(name);

    /// <summary>What is answered when a field cannot be used.</summary>
    /// <param name="text">What is wrong, in Chinese.</param>
    public static ApiException Invalid(string text) => new(ApiError.FieldInvalid) { Text = text };

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>: it is no object and no form, or names a field twice.</exception>
    public static Fields Parse(ReadOnlyMemory<byte> body, string? contentType)
    {
        if (body.IsEmpty)
            return new Fields([], _ => null);

        var type = MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed : null;
        if (type is not null && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            return OfForm(body.Span);
        if (contentType is null || (type is not null && type.SubTypeWithoutSuffix.Equals("json", StringComparison.OrdinalIgnoreCase)))
            return OfJson(body);
        throw Invalid("请求体必须是 JSON 对象或 urlencoded 表单");
    }

    /// <summary>Checks that a body is JSON which can be read in one way only.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    public static JsonElement Json(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (body.Span.StartsWith(Encoding.UTF8.Preamble))
                body = body[Encoding.UTF8.Preamble.Length..];
            using var document = JsonDocument.Parse(body, Strict);
            return document.RootElement.Clone();
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // Half a surrogate pair in a name comes as the second.
            throw Invalid("请求体不是有效的 JSON，或同一个字段出现了两次");
        }
    }

    /// <summary>A line of text; null when the field is not there.</summary>
    /// <param name="shortest">In characters, blanks at both ends not counted.</param>
    /// <param name="longest">In characters, as databases count them: a surrogate pair is one.</param>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    public string? Line(string name, int shortest, int longest) =>
        Text(name) is { } text ? Checked(name, text.Trim(), shortest, longest, rune => Rune.IsControl(rune)) : null;

    /// <summary>Text of several lines; null when the field is not there.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    public string? Lines(string name, int longest) =>
        Text(name) is { } text ? Checked(name, text, 0, longest, rune => Rune.IsControl(rune) && rune.Value is not ('\t' or '\r' or '\n')) : null;

    /// <summary>Text that must not be seen, as it is; empty when the field is not there.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    public Secret Secret(string name) => new(Text(name));

    /// <summary>A whole number; null when the field is not there or empty.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    public long? Number(string name, long least, long most)
    {
        if (_find(name) is not { } value || value.IsEmptyText)
            return null;
        return value.Single is { } text && TryNumber(text, out var number) && number >= least && number <= most
            ? number
            : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"{name} 必须是{(least == 0 ? "不小于 0 的" : least == 1 ? "大于 0 的" : "")}整数"));
    }

    /// <summary>Yes or no, as 1 or 0, true or false; null when the field is not there or empty.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    public bool? Flag(string name)
    {
        if (_find(name) is not { } value || value.IsEmptyText)
            return null;
        return value.Single switch
        {
            "1" or "true" => true,
            "0" or "false" => false,
            _ => throw Invalid($"{name} 只能是 0 或 1"),
        };
    }

    /// <summary>Ids, each once.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>: none, too many, or something else.</exception>
    public IReadOnlyList<long> Ids(string name)
    {
        var ids = new List<long>();
        var value = _find(name);
        foreach (var item in value?.Single?.Split(',') ?? value?.Items ?? [])
        {
            if (!TryNumber(item, out var id) || id < 1)
                throw Wrong();
            ids.Add(id);
        }

        var distinct = ids.Distinct().ToList();
        return distinct.Count is >= 1 and <= ImageLibrary.MaxIds ? distinct : throw Wrong();
        ApiException Wrong() => Invalid($"{name} 必须是 1 到 {ImageLibrary.MaxIds} 个图片编号的列表");
    }

    /// <summary>The objects of a list, each to be asked like a body; null when the field is not there.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>: none, too many, or something else.</exception>
    public IReadOnlyList<Fields>? Objects(string name, int most)
    {
        if (_find(name) is not { } value)
            return null;
        return value.IsList && value.Items.Count >= 1 && value.Items.Count <= most && value.Items.All(item => item.StartsWith('{'))
            ? [.. value.Items.Select(item => OfJson(Encoding.UTF8.GetBytes(item)))]
            : throw Invalid($"{name} 必须是 1 到 {most} 个对象的列表");
    }

    /// <summary>What must be there.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>: it is not.</exception>
    public static T Required<T>(string name, T? value)
        where T : struct => value ?? throw Invalid($"{name} 不能为空");

    /// <inheritdoc cref="Required{T}(string, T?)"/>
    public static string Required(string name, string? value) => value ?? throw Invalid($"{name} 不能为空");

    /// <summary>Text of a request that is to go into the database or to be looked for in it.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    public static string Checked(string name, string text, int shortest, int longest, Func<Rune, bool> isRefused)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            length++;
            if (isRefused(rune))
                throw Invalid($"{name} 不能含有控制字符");
        }

        if (length < shortest || length > longest)
            throw Invalid(shortest > 0 ? $"{name} 必须有 {shortest} 到 {longest} 个字符" : $"{name} 最多 {longest} 个字符");
        return text;
    }

    private static Fields OfJson(ReadOnlyMemory<byte> body)
    {
        var root = Json(body);
        return root.ValueKind == JsonValueKind.Object
            ? new Fields(NamesOf(root), name => root.TryGetProperty(name, out var value) ? FieldValue.Of(name, value) : null)
            : throw Invalid("请求体必须是 JSON 对象");
    }

    private static List<string> NamesOf(JsonElement root)
    {
        try
        {
            return [.. root.EnumerateObject().Select(field => field.Name)];
        }
        catch (InvalidOperationException)
        {
            // As in a form, a name that is no text makes the body none.
            throw Invalid("请求体里有不是文字的字段名");
        }
    }

    private static Fields OfForm(ReadOnlySpan<byte> body)
    {
        var fields = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var pair in TextOf(body).Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var mark = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decoded(mark < 0 ? pair : pair[..mark]);

            // Lists come as ids[]=1&ids[]=2 from jQuery, as ids[0]=1 from others.
            if (name.EndsWith(']') && name.IndexOf('[', StringComparison.Ordinal) is > 0 and var bracket)
                name = name[..bracket];
            if (!fields.TryGetValue(name, out var values))
                fields.Add(name, values = []);
            values.Add(mark < 0 ? "" : Decoded(pair[(mark + 1)..]));
        }

        return new Fields(fields.Keys, name => fields.TryGetValue(name, out var values) ? FieldValue.Of(values) : null);
    }

    // Strictly: the framework's own decoding makes of what is no text a mark that looks like some.
    private static string Decoded(string text)
    {
        var bytes = Utf8.GetBytes(text);
        return TextOf(System.Net.WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length));
    }

    private static string TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Invalid("请求体必须是 UTF-8");
        }
    }

    private string? Text(string name)
    {
        if (_find(name) is not { } value)
            return null;
        return value.IsText ? value.Single : throw Invalid($"{name} 必须是文字");
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
