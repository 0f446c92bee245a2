using System.Globalization;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>A deed that somebody may ask about later.</summary>
/// <param name="Actor">The owner of the caller, or <c>cli</c>.</param>
/// <param name="Action">Two words with a dot: <c>session.begin</c>, <c>signin.fail</c>, <c>key.create</c>.</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="Address">Where the request came from; empty for a command line.</param>
/// <param name="Detail">What else there is to know; never a secret.</param>
public sealed record AuditEvent(string Actor, string Action, string Subject, string Address, string Detail = "");

/// <summary>A deed with the time at which it was written down.</summary>
public sealed record AuditEntry(long Id, DateTimeOffset At, AuditEvent Event);

/// <summary>
/// Who did what: a row in the database, where there is one, and a log line of the same. It is written right after the deed, so that nothing
/// stands there that did not happen; a row that cannot be written is an Error in the log, and the deed stands, because undoing it would be a
/// second deed without a row.
/// </summary>
/// <param name="database">Null where no records are kept.</param>
public sealed partial class AuditTrail(RecordsDatabase? database, TimeProvider time, ILogger<AuditTrail> log)
{
    /// <summary>Entries of one page.</summary>
    public const int PageSize = 50;

    // What comes from outside is cut, not refused: a long name must not keep a deed out of the book. The detail holds what a whole request
    // named, a thousand ids at most.
    private const int LongestText = 300;
    private const int LongestDetail = 16 * 1024;

    private const string Write = """
        INSERT INTO audit_event (at, actor, action, subject, address, detail) VALUES ({now}, @Actor, @Action, @Subject, @Address, @Detail)
        """;

    private const string Page = """
        SELECT id AS Id, at AS At, actor AS Actor, action AS Action, subject AS Subject, address AS Address, detail AS Detail
        FROM audit_event ORDER BY id DESC LIMIT @Limit OFFSET @Offset
        """;

    private readonly DatabaseClock? _clock = database is null ? null : new DatabaseClock(database.Dialect, time);
    private readonly string _write = database is null ? "" : DatabaseClock.Tell(database.Dialect, Write);

    /// <summary>Writes down a deed. It is not cancelled, because the deed is done.</summary>
    public async Task WriteAsync(AuditEvent deed)
    {
        LogDeed(deed.Action, Cut(deed.Actor), Cut(deed.Subject), deed.Address, Cut(deed.Detail, LongestDetail));
        if (database is null)
            return;

        var values = new
        {
            Actor = Cut(deed.Actor),
            deed.Action,
            Subject = Cut(deed.Subject),
            deed.Address,
            Detail = Cut(deed.Detail, LongestDetail),
            _clock!.Now,
        };
        try
        {
            await database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(_write, values), CancellationToken.None);
        }
        catch (RecordsException failure)
        {
            LogNotWritten(failure, deed.Action);
        }
    }

    /// <summary>Writes down that a session has begun, and which ended for it.</summary>
    /// <param name="actor">The owner of the caller that the session makes.</param>
    public async Task WriteBegunAsync(SessionGrant grant, string actor, string address, string detail)
    {
        await WriteEndedAsync(grant.Ended, actor, address);
        await WriteAsync(new AuditEvent(actor, "session.begin", Named(grant.Session.Id), address, detail));
    }

    /// <summary>Writes down that sessions have ended, a line for each.</summary>
    public async Task WriteEndedAsync(IEnumerable<long> sessions, string actor, string address)
    {
        foreach (var id in sessions)
            await WriteAsync(new AuditEvent(actor, "session.end", Named(id), address));
    }

    /// <summary>One page of the book, the newest first, and how many entries there are; from page 1.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<(IReadOnlyList<AuditEntry> Entries, long Total)> ListAsync(int page, CancellationToken cancellationToken)
    {
        if (database is null)
            return ([], 0);

        var values = new { Limit = (long)PageSize, Offset = (long)(page - 1) * PageSize };
        return await database.ReadAsync(
            async session =>
            {
                var total = await session.ScalarAsync<long>("SELECT count(*) FROM audit_event");
                var rows = await session.QueryAsync<Row>(Page, values);
                return ((IReadOnlyList<AuditEntry>)[.. rows.Select(row => row.ToEntry())], total);
            },
            cancellationToken);
    }

    private static string Named(long session) => string.Create(CultureInfo.InvariantCulture, $"session:{session}");

    // No lone half of a surrogate pair at the end, and no NUL, which PostgreSQL does not store.
    private static string Cut(string text, int longest = LongestText)
    {
        var end = Math.Min(text.Length, longest);
        if (end > 0 && end < text.Length && char.IsHighSurrogate(text[end - 1]))
            end--;
        return text[..end].Replace('\0', ' ');
    }

    private sealed record Row(long Id, long At, string Actor, string Action, string Subject, string Address, string Detail)
    {
        public AuditEntry ToEntry() =>
            new(Id, DateTimeOffset.FromUnixTimeMilliseconds(At), new AuditEvent(Actor, Action, Subject, Address, Detail));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Audit: {Action} by {Actor} on {Subject} from {Address} {Detail}")]
    private partial void LogDeed(string action, string actor, string subject, string address, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Audit: {Action} could not be written down in the database")]
    private partial void LogNotWritten(Exception exception, string action);
}
