using System.Diagnostics.CodeAnalysis;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Http;

/// <summary>A decoded parameter; <see cref="Value"/> is null when there was no "=".</summary>
internal sealed record QueryParameter(string Name, string? Value);

/// <summary>The query of one request in wire order. A repeated name counts by its first occurrence (OSS, URL signing).</summary>
internal sealed class QueryParameters
{
    public static readonly QueryParameters Empty = new([]);

    private QueryParameters(IReadOnlyList<QueryParameter> items) => Items = items;

    public IReadOnlyList<QueryParameter> Items { get; }

    public bool Has(string name) => Items.Any(item => item.Name == name);

    /// <summary>The value, empty for a bare name, null when the name is absent.</summary>
    public string? this[string name] => Items.FirstOrDefault(item => item.Name == name) is { } item ? item.Value ?? "" : null;

    public bool TryGet(string name, [NotNullWhen(true)] out string? value)
    {
        value = this[name];
        return value is not null;
    }

    public static QueryParameters Parse(ReadOnlySpan<char> query)
    {
        var items = new List<QueryParameter>();
        foreach (var range in query.Split('&'))
        {
            var piece = query[range];
            if (piece.IsEmpty)
                continue;

            var equals = piece.IndexOf('=');
            if (!PercentEncoding.TryDecode(equals < 0 ? piece : piece[..equals], out var name)
                | !PercentEncoding.TryDecode(equals < 0 ? "" : piece[(equals + 1)..], out var value))
            {
                throw OssErrors.InvalidArgument("The query string is not valid percent-encoded UTF-8.");
            }

            items.Add(new(name, equals < 0 ? null : value));
        }

        return new(items);
    }
}
