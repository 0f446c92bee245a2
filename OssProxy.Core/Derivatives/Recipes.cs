using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using OssProxy.Core.Images;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>Reads what an address asks for: a key and a process, a key and the name of a style, a key alone. Looks at nothing but the
/// styles.</summary>
public sealed class Recipes
{
    private readonly ImageOptions _options;
    private readonly ImageStyles _styles;
    private readonly FrozenSet<string> _allowed;
    private readonly string? _hidden;

    public Recipes(IOptions<ImageOptions> options, ImageStyles styles, ObjectStores stores)
    {
        _options = options.Value;
        _styles = styles;
        _allowed = ProcessesOf(_options.Allowed).Select(CanonicalOf).ToFrozenSet(StringComparer.Ordinal);
        // Results that lie beside the originals are no originals.
        _hidden = _options.Bucket.Length == 0 && stores.Main.Name != stores.Local.Name ? _options.Prefix + "/" : null;
    }

    /// <summary>What is asked for.</summary>
    /// <param name="path">The key, perhaps with a style behind it, without escapes.</param>
    /// <param name="process">The value of <c>x-oss-process</c>; null or empty for none. With one, all of the path is the key.</param>
    /// <param name="isSigned">Whether a key alone means the original, and not the style for those who name none.</param>
    /// <exception cref="ImageException">It cannot be understood; <see cref="ImageError.StyleNotFound"/>;
    /// <see cref="ImageError.SourceNotFound"/> for a path that no key can have.</exception>
    /// <exception cref="RecordsException">The styles cannot be read.</exception>
    public async ValueTask<Recipe> ReadAsync(string path, string? process, bool isSigned, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(process))
        {
            var parsed = ProcessString.Parse(process);
            var recipe = parsed.Style is { } style
                ? await OfStyleAsync(KeyOf(path), style, cancellationToken)
                : new Recipe(KeyOf(path), RecipeKind.Free) { Image = parsed.Image, Snapshot = parsed.Snapshot };
            return recipe with { SaveAs = parsed.SaveAs };
        }

        if (TrySplit(path, out var key, out var name))
            return await OfStyleAsync(KeyOf(key), name.Value, cancellationToken);
        return _options.DefaultStyle.Length > 0 && !isSigned
            ? await OfStyleAsync(KeyOf(path), _options.DefaultStyle, cancellationToken)
            : new Recipe(KeyOf(path), RecipeKind.Original);
    }

    /// <summary>What is answered to whoever may not have it.</summary>
    public static ImageException Protected() => ImageFaults.Protected();

    /// <summary>Whether a key alone has a style.</summary>
    internal bool HasDefault => _options.DefaultStyle.Length > 0;

    /// <summary>What may stand between a key and a style, one character each.</summary>
    internal string Separators => _options.StyleSeparators;

    /// <summary>Whether anybody may have it.</summary>
    public bool IsOpen(Recipe recipe) => recipe.SaveAs is null && recipe.Kind switch
    {
        RecipeKind.Style => true,
        RecipeKind.Original => _options.Originals,
        _ => _allowed.Contains(recipe.Canonical),
    };

    /// <summary>The recipe with the format that a client chooses, where the style lets it.</summary>
    public static Recipe For(Recipe recipe, string? accept) => recipe is { Negotiates: true, Style: { } style }
        ? recipe with { Preferred = AcceptedFormats.Choose(style.Accept, accept) } : recipe;

    /// <summary>Takes a path apart at the last separator; false when there is none with a name behind it.</summary>
    internal bool TrySplit(string path, [NotNullWhen(true)] out string? key, [NotNullWhen(true)] out StyleName? style)
    {
        var at = path.AsSpan().LastIndexOfAny(_options.StyleSeparators);
        (key, style) = (at > 0 ? path[..at] : null, null);
        return key is not null && StyleName.TryParse(path[(at + 1)..], out style);
    }

    /// <summary>The processes of a list.</summary>
    internal static IEnumerable<string> ProcessesOf(string list) =>
        list.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <exception cref="ImageException">It is no process, or one that leads elsewhere.</exception>
    internal static string CanonicalOf(string process) => ProcessString.Parse(process) is { Style: null, SaveAs: null } parsed
        ? parsed.Image?.Canonical ?? parsed.Snapshot!.Canonical : throw ImageFaults.Argument("Only image/… and video/… can be allowed.");

    private ObjectKey KeyOf(string path) => ObjectKey.TryParse(path, out var key) && (_hidden is null || !path.StartsWith(_hidden, StringComparison.Ordinal))
        ? key : throw ImageFaults.NoSource();

    private async ValueTask<Recipe> OfStyleAsync(ObjectKey key, string name, CancellationToken cancellationToken)
    {
        var style = await _styles.FindAsync(name, cancellationToken) ?? throw ImageFaults.NoStyle();
        return new Recipe(key, RecipeKind.Style) { Image = style.Process, Style = style };
    }
}
