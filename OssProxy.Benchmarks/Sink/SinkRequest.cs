using System.Globalization;

namespace OssProxy.Benchmarks.Sink;

/// <summary>The head of a request, as far as the sink looks at it.</summary>
/// <param name="Path">As it was written: two spellings of a key are two objects here.</param>
/// <param name="Length">Bytes of the body; null when it comes in chunks.</param>
internal sealed record SinkRequest(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string> Query,
    long? Length,
    bool ExpectsContinue,
    bool Closes,
    bool ForbidsOverwrite)
{
    /// <exception cref="FormatException">It is no head of HTTP/1.1.</exception>
    public static SinkRequest Parse(string head)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.1"])
            throw new FormatException($"No request line: {lines[0]}");

        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToLookup(
            pair => pair[0], pair => pair[^1].Trim(), StringComparer.OrdinalIgnoreCase);
        bool Says(string name, string value) => headers[name].Contains(value, StringComparer.OrdinalIgnoreCase);

        var (path, query) = target.Split('?', 2) is [var before, var after] ? (before, after) : (target, "");
        return new SinkRequest(
            method,
            path,
            query.Split('&').Select(pair => pair.Split('=', 2)).GroupBy(pair => pair[0], StringComparer.Ordinal)
                .ToDictionary(pairs => pairs.Key, pairs => pairs.First() is [_, var value] ? value : "", StringComparer.Ordinal),
            Says("Transfer-Encoding", "chunked")
                ? null
                : long.Parse(headers["Content-Length"].FirstOrDefault("0"), NumberStyles.None, CultureInfo.InvariantCulture),
            Says("Expect", "100-continue"),
            Says("Connection", "close"),
            Says("x-oss-forbid-overwrite", "true"));
    }
}
