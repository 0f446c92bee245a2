using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Core.Records;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// The styles: those of the configuration first, then those of the database. What the database holds is believed for two seconds, so that a
/// change is known on every node within them; while it cannot be reached, what it held goes on, because nobody can have changed it.
/// </summary>
/// <param name="records">Null where no records are kept: only the configuration has styles then.</param>
public sealed partial class ImageStyles(
    IOptions<ImageOptions> options, TimeProvider time, ILogger<ImageStyles> log, StyleRecords? records = null)
{
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(2);

    private readonly FrozenDictionary<string, ImageStyle> _configured = Configured(options.Value);
    private readonly SharedWork<Known> _reading = new();
    private volatile Known? _known;
    private readonly Lock _gate = new();
    private long _changes;
    private int _warned;

    /// <summary>Whether styles can be changed here.</summary>
    public bool CanChange => records is not null;

    /// <summary>The style of a name; null when there is none.</summary>
    /// <exception cref="RecordsException">The database cannot be reached, and nothing is known of it yet.</exception>
    public async ValueTask<ImageStyle?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_configured.TryGetValue(name, out var configured))
            return configured;
        if (records is null)
            return null;
        var known = _known is { IsStale: false } fresh && time.GetElapsedTime(fresh.At) < Believed
            ? fresh : await ReadAsync(records, cancellationToken);
        return known.Styles.GetValueOrDefault(name);
    }

    /// <summary>All styles, in the order of their names.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<IReadOnlyList<ImageStyle>> AllAsync(CancellationToken cancellationToken)
    {
        var kept = records is null ? [] : await records.AllAsync(cancellationToken);
        return [.. _configured.Values
            .Concat(kept.Where(row => !_configured.ContainsKey(row.Name)).Select(Read).OfType<ImageStyle>())
            .OrderBy(style => style.Name.Value, StringComparer.Ordinal)];
    }

    /// <summary>Keeps a style. Null when the configuration has one of its name, which goes first, or no records are kept.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<StylePut?> PutAsync(ImageStyle style, CancellationToken cancellationToken)
    {
        if (records is null || _configured.ContainsKey(style.Name.Value))
            return null;
        try
        {
            return await records.PutAsync(style.Name.Value, style.Content, style.AcceptText, options.Value.MaxStyles, cancellationToken);
        }
        finally
        {
            Forget();
        }
    }

    /// <summary>Removes a style; false when there is none in the database.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<bool> RemoveAsync(StyleName name, CancellationToken cancellationToken)
    {
        try
        {
            return records is not null && await records.RemoveAsync(name.Value, cancellationToken);
        }
        finally
        {
            Forget();
        }
    }

    /// <summary>Whether a style of this name stands in the configuration.</summary>
    public bool IsConfigured(string name) => _configured.ContainsKey(name);

    private static FrozenDictionary<string, ImageStyle> Configured(ImageOptions options) => options.Styles
        .Select(pair => ImageStyle.TryParse(
            pair.Key, pair.Value, options.StyleAccept.TryGetValue(pair.Key, out var accept) ? accept : "", out var style, out var fault)
            ? style with { IsConfigured = true } : throw new ArgumentException(fault, nameof(options)))
        .ToFrozenDictionary(style => style.Name.Value, StringComparer.Ordinal);

    // What is being read while something changes may be older than the change. What was known is not believed any more, and kept all the
    // same: a change may have failed because the database cannot be reached, and then it goes on.
    private void Forget()
    {
        lock (_gate)
        {
            _changes++;
            _known = _known is { } known ? known with { IsStale = true } : null;
        }
    }

    // Who comes after a change does not wait for what was read before it.
    private Task<Known> ReadAsync(StyleRecords from, CancellationToken cancellationToken)
    {
        var changes = Interlocked.Read(ref _changes);
        return _reading.RunAsync(
            changes.ToString(CultureInfo.InvariantCulture), turn => ReadOnceAsync(from, changes, turn.Token), admit: null,
            cancellationToken);
    }

    private async Task<Known> ReadOnceAsync(StyleRecords from, long changes, CancellationToken cancellationToken)
    {
        var (before, at) = (_known, time.GetTimestamp());
        try
        {
            var rows = await from.AllAsync(cancellationToken);
            var read = new Known(rows.Select(Read).OfType<ImageStyle>().ToFrozenDictionary(style => style.Name.Value, StringComparer.Ordinal), at);
            Learn(read, changes);
            Volatile.Write(ref _warned, 0);
            return read;
        }
        catch (RecordsException failure) when (before is not null)
        {
            if (Interlocked.Exchange(ref _warned, 1) == 0)
                LogStale(failure);
            // Asked again in two seconds, not by every request.
            var kept = before with { At = time.GetTimestamp(), IsStale = false };
            Learn(kept, changes);
            return kept;
        }
    }

    private void Learn(Known known, long changes)
    {
        lock (_gate)
        {
            if (changes == _changes)
                _known = known;
        }
    }

    private ImageStyle? Read(StyleRow row)
    {
        if (ImageStyle.TryParse(row.Name, row.Content, row.Accept, out var style, out var fault))
            return style with { CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt };
        LogUnreadable(row.Name, fault);
        return null;
    }

    private sealed record Known(FrozenDictionary<string, ImageStyle> Styles, long At)
    {
        /// <summary>Whether something may have changed since.</summary>
        public bool IsStale { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The styles cannot be read from the database: those that are known go on")]
    private partial void LogStale(Exception failure);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The style {Name} in the database cannot be read and does not exist for clients: {Fault}")]
    private partial void LogUnreadable(string name, string fault);
}
