using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Posts;

/// <summary>The fields of a form that mean what headers of the same name mean on PutObject.</summary>
internal static class FormHeaders
{
    private static readonly string[] Plain = ["Cache-Control", "Content-Disposition", "Content-Encoding", "Expires"];

    // What belongs to the signature is no attribute of the object.
    private static readonly HashSet<string> Signing = new(StringComparer.OrdinalIgnoreCase)
    {
        "x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-signature", "x-oss-security-token", "x-oss-content-type",
    };

    public static IHeaderDictionary Of(PostForm form, IHeaderDictionary request)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        foreach (var (name, value) in form.Fields)
        {
            if (Plain.Contains(name, StringComparer.OrdinalIgnoreCase) || (name.StartsWith("x-oss-", StringComparison.OrdinalIgnoreCase) && !Signing.Contains(name)))
                headers[Name(name)] = Value(name, value);
        }

        if ((form["x-oss-content-type"] ?? form.FileContentType ?? form["Content-Type"]) is { Length: > 0 } type)
            headers.ContentType = Value("Content-Type", type);

        // Of all headers only this one counts, and the field of the same name before it.
        if (!headers.ContainsKey("x-oss-object-acl") && request.TryGetValue("x-oss-object-acl", out var acl))
            headers["x-oss-object-acl"] = acl;

        // Refused in a form's headers by the reference; refused here wherever tags come.
        if (request.TryGetValue("x-oss-tagging", out var tagging))
            headers["x-oss-tagging"] = tagging;

        return headers;
    }

    // A header's name and value have passed the HTTP parser; a field's have not, and are written into replies later.
    private static string Name(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? name
            : throw OssErrors.InvalidArgument("The name of the form field is invalid.", name, "");

    private static string Value(string name, string value) =>
        value.Any(char.IsControl) ? throw OssErrors.InvalidArgument("The value of the form field is invalid.", name, value) : value;
}
