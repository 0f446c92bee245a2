using System.Globalization;
using Microsoft.Extensions.Primitives;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>The text fields of a form, as far as they have been read.</summary>
public sealed class FormFields
{
    private const int MaxFields = 32;

    // The names under which clients send the class.
    private static readonly string[] ClassNames = ["imageClassId", "image_class_id"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Keeps a field.</summary>
    /// <exception cref="UploadException">Too many fields, or the same one again with another value, or the class under both of its names with
    /// different values: which of the two was meant cannot be known.</exception>
    public void Add(string name, string value)
    {
        if (++_count > MaxFields)
            throw new UploadException(UploadError.FormTooComplex, $"The form holds more than {MaxFields} fields.");
        if (!_values.TryAdd(name, value) && _values[name] != value)
            throw new UploadException(UploadError.FormContradictory, "A field comes twice with different values.");

        // Empty, 0 or no number is a selection that was not made, as consoles send it beside the one that counts.
        if (ClassNames.Contains(name) && ClassNames.Select(Given).Select(ClassOf).Where(id => id > 0).Distinct().Count() > 1)
            throw new UploadException(UploadError.FormContradictory, "The class comes under both of its names with different values.");
    }

    /// <summary>The class: the query's, else the fields', the first of them that names one; what is no number is no class, nor is one with zero bytes behind it, which the
    /// platform passes over. The query does not contradict the fields: it is the door's address, in which a console has put the class that
    /// is open, and goes before what the form says.</summary>
    /// <exception cref="UploadException">The query names several.</exception>
    public long ClassId(StringValues query) =>
        ClassNames.Select(Given).Prepend(OfQuery(query)).Select(ClassOf).FirstOrDefault(id => id > 0);

    /// <summary>The class that the query names; null when it names none.</summary>
    /// <exception cref="UploadException">It names several.</exception>
    public static string? OfQuery(StringValues query)
    {
        var named = query.OfType<string>().Where(text => text.Length > 0).ToList();
        if (named.Count > 1 && named.Select(ClassOf).Where(id => id > 0).Distinct().Count() > 1)
            throw new UploadException(UploadError.FormContradictory, "The query names several classes.");
        return named.Find(text => ClassOf(text) > 0) ?? named.FirstOrDefault();
    }

    /// <summary>Whether clients send text under this name, so that a file there is a mistake.</summary>
    public static bool IsTextName(string name) => name is "imageClassId" or "image_class_id" or "token" or "name" or "_csrf";

    /// <summary>Whether clients send files under this name, so that text there is a mistake.</summary>
    public static bool IsFileName(string name) => name is "img" or "img[]" or "file" or "files" or "files[]";

    /// <summary>The class that a text names; 0 when it is no number.</summary>
    public static long ClassOf(string? text) =>
        text is not null && text.All(char.IsAsciiDigit) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private string Given(string name) => _values.GetValueOrDefault(name, "");
}
