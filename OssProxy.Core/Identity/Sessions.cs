using Microsoft.Extensions.Options;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>
/// Sessions of ours. A token is 256 random bits and is told once; kept is its SHA-256, so that whoever reads the database has no token. A
/// session lasts <see cref="AuthOptions.SessionLifetime"/> from its last use, by the database's clock, and holds on every node of one
/// database. Finding one costs one read by a unique index, or nothing within a second; prolonging is written when it adds something worth
/// writing.
/// </summary>
public sealed class Sessions
{
    /// <summary>Most sessions of one user or account; a further one ends the one that was used longest ago.</summary>
    public const int MostOfOne = 100;

    /// <summary>Longest device label, in characters.</summary>
    public const int LongestDevice = 64;

    private const string Columns = "s.id, s.kind, s.subject, s.device, s.create_time AS CreateTime, s.used_at AS UsedAt, s.expires_at AS ExpiresAt";

    private const string Look = $$"""
        SELECT {{Columns}}, {now} AS Now,
            CASE s.kind WHEN 'user' THEN u.status WHEN 'admin' THEN a.status ELSE 1 END AS Status,
            coalesce(CASE s.kind WHEN 'user' THEN u.name WHEN 'admin' THEN a.name END, '') AS Name
        FROM session s
        LEFT JOIN app_user u ON s.kind = 'user' AND u.id = s.subject
        LEFT JOIN account a ON s.kind = 'admin' AND a.id = s.subject
        WHERE s.token_hash = @Hash
        """;

    // Not one that has been revoked or has ended since the look: that stays ended.
    private const string Touch = "UPDATE session SET used_at = {now}, expires_at = {now} + @Lifetime WHERE id = @Id AND expires_at > {now}";

    private const string EndOnDevice = "DELETE FROM session WHERE kind = @Kind AND subject = @Subject AND device = @Device RETURNING id";

    private const string EndOldest = """
        DELETE FROM session WHERE kind = @Kind AND subject = @Subject AND id NOT IN (
            SELECT id FROM session WHERE kind = @Kind AND subject = @Subject ORDER BY used_at DESC, id DESC LIMIT @Most)
        RETURNING id
        """;

    private const string Begin = """
        INSERT INTO session (token_hash, kind, subject, device, create_time, used_at, expires_at)
        VALUES (@Hash, @Kind, @Subject, @Device, {now}, {now}, {now} + @Lifetime) RETURNING id
        """;

    private const string OfSubject = $$"""
        SELECT {{Columns}} FROM session s
        WHERE s.kind = @Kind AND s.subject = @Subject AND s.expires_at > {now} ORDER BY s.used_at DESC, s.id DESC
        """;

    private const string EndOne = "DELETE FROM session WHERE kind = @Kind AND subject = @Subject AND id = @Id";

    private const string EndToken = "DELETE FROM session WHERE token_hash = @Hash RETURNING id";

    private const string EndOthers = "DELETE FROM session WHERE kind = @Kind AND subject = @Subject AND id <> @Id";

    private const string HoldUser = "SELECT id FROM app_user WHERE id = @Id FOR UPDATE";

    private const string HoldAccount = "SELECT id FROM account WHERE id = @Id FOR UPDATE";

    private static readonly TimeSpan TouchAtMostEvery = TimeSpan.FromHours(1);

    private readonly RecordsDatabase _database;
    private readonly AuthOptions _options;
    private readonly CallerCache _cache;
    private readonly DatabaseClock _clock;
    private readonly TimeProvider _time;
    private readonly string _look;
    private readonly string _touch;
    private readonly string _begin;
    private readonly string _ofSubject;

    internal Sessions(RecordsDatabase database, IOptions<AuthOptions> options, CallerCache cache, TimeProvider time)
    {
        _database = database;
        _options = options.Value;
        _cache = cache;
        _time = time;
        _clock = new DatabaseClock(database.Dialect, time);
        (_look, _touch, _begin, _ofSubject) = (_clock.Tell(Look), _clock.Tell(Touch), _clock.Tell(Begin), _clock.Tell(OfSubject));
    }

    private long Lifetime => (long)_options.SessionLifetime.TotalMilliseconds;

    /// <summary>Begins a session. With <see cref="AuthOptions.OneSessionPerDevice"/> it ends the one that the same user has on the same
    /// device, if the device gives itself a label; guests, who are only what they say, end nobody's.</summary>
    /// <param name="subject">See <see cref="SessionKind"/>.</param>
    /// <param name="device">At most <see cref="LongestDevice"/> characters; may be empty.</param>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<SessionGrant> BeginAsync(SessionKind kind, long subject, string device, CancellationToken cancellationToken)
    {
        var token = TokenShape.New(TokenShape.Session);
        var values = new { Hash = token.Hash(), Kind = Word(kind), Subject = subject, Device = device, Lifetime, _clock.Now };
        var (id, ended) = await _database.WriteAsync(
            WriteScope.Transaction,
            async session =>
            {
                var ended = new List<long>();
                await HoldAsync(session, kind, subject);
                if (kind != SessionKind.Guest && device.Length > 0 && _options.OneSessionPerDevice)
                    ended.AddRange(await session.QueryAsync<long>(EndOnDevice, new { values.Kind, values.Subject, values.Device }));
                var id = await session.ScalarAsync<long>(_begin, values);
                if (kind != SessionKind.Guest)
                    ended.AddRange(await session.QueryAsync<long>(EndOldest, new { values.Kind, values.Subject, Most = MostOfOne }));
                return (id, ended);
            },
            cancellationToken);
        if (ended.Count > 0)
            _cache.Clear();
        var now = _time.GetUtcNow();
        return new SessionGrant(
            new SessionInfo(id, kind, subject, device, now, now, now + _options.SessionLifetime), token, _options.SessionLifetime, ended);
    }

    /// <summary>Whose token it is, and prolongs the session.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TokenInvalid"/>, <see cref="IdentityError.TokenExpired"/>,
    /// <see cref="IdentityError.UserDisabled"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<Caller> FindAsync(Secret token, CancellationToken cancellationToken)
    {
        var hash = token.Hash();
        if (_cache.Find(hash) is { } known)
            return known;

        var (generation, asked) = (_cache.Generation, _time.GetTimestamp());
        var rows = await _database.ReadAsync(session => session.QueryAsync<Row>(_look, new { Hash = hash, _clock.Now }), cancellationToken);
        if (rows is not [var row])
            throw new IdentityException(IdentityError.TokenInvalid, "No session has this token.");
        if (row.ExpiresAt <= row.Now)
            throw new IdentityException(IdentityError.TokenExpired, $"Session {row.Id} has ended by itself.");
        if (row.Status != 1)
            throw new IdentityException(IdentityError.UserDisabled, $"Session {row.Id} is of somebody who is disabled or gone.");

        if (row.ExpiresAt - row.Now < Lifetime - Math.Min(Lifetime / 20, (long)TouchAtMostEvery.TotalMilliseconds))
        {
            await _database.WriteAsync(
                WriteScope.Statement, session => session.ExecuteAsync(_touch, new { row.Id, Lifetime, _clock.Now }), cancellationToken);
        }

        var caller = row.ToCaller();
        _cache.Keep(hash, caller, generation, asked);
        return caller;
    }

    /// <summary>The sessions that have not ended, the last used first.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<IReadOnlyList<SessionInfo>> ListAsync(SessionKind kind, long subject, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<Row>(_ofSubject, new { Kind = Word(kind), Subject = subject, _clock.Now }), cancellationToken);
        return [.. rows.Select(row => row.ToInfo())];
    }

    /// <summary>Ends a session: at once on this node, within <see cref="CallerCache.Lifetime"/> on others. False when the subject has no such
    /// session.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<bool> EndAsync(SessionKind kind, long subject, long id, CancellationToken cancellationToken)
    {
        var values = new { Kind = Word(kind), Subject = subject, Id = id };
        var ended = await _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(EndOne, values), cancellationToken);
        _cache.Clear();
        return ended > 0;
    }

    /// <summary>Ends the session of a token, as above, and returns its number; null when there is none.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<long?> EndAsync(Secret token, CancellationToken cancellationToken)
    {
        var values = new { Hash = token.Hash() };
        var ended = await _database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(EndToken, values), cancellationToken);
        _cache.Clear();
        return ended > 0 ? ended : null;
    }

    /// <summary>Ends all sessions of a subject but one, 0 for all, and returns how many there were.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<int> EndOthersAsync(SessionKind kind, long subject, long except, CancellationToken cancellationToken)
    {
        var values = new { Kind = Word(kind), Subject = subject, Id = except };
        var ended = await _database.WriteAsync(
            WriteScope.Transaction,
            async session =>
            {
                await HoldAsync(session, kind, subject);
                return await session.ExecuteAsync(EndOthers, values);
            },
            cancellationToken);
        _cache.Clear();
        return ended;
    }

    /// <summary>Changes the row of a user or account and ends its sessions, and returns whether there was anything to change. All or nothing:
    /// what was done by halves would be done, and written down, by nobody who comes again. Who begins a session meanwhile waits for the row, and
    /// sees then that it has changed.</summary>
    /// <param name="change">A statement that changes the row, and thereby has it to itself, or changes nothing.</param>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    internal async Task<bool> EndWithAsync(string change, object values, SessionKind kind, long subject, CancellationToken cancellationToken)
    {
        var changed = await _database.WriteAsync(
            WriteScope.Transaction,
            async session =>
            {
                var rows = await session.ExecuteAsync(change, values);
                if (rows > 0)
                    await session.ExecuteAsync(EndOthers, new { Kind = Word(kind), Subject = subject, Id = 0L });
                return rows > 0;
            },
            cancellationToken);
        _cache.Clear();
        return changed;
    }

    // Whoever begins sessions of a subject or ends several does so alone: two who begin at once would not see each other's, and two who end
    // the same ones in another order would wait for each other. Guests are no subject. With SQLite everybody who writes is alone.
    private async Task HoldAsync(RecordsSession session, SessionKind kind, long subject)
    {
        if (_database.Dialect == SqlDialect.Postgres && kind != SessionKind.Guest)
            await session.QueryAsync<long>(kind == SessionKind.User ? HoldUser : HoldAccount, new { Id = subject });
    }

    private static string Word(SessionKind kind) => kind switch
    {
        SessionKind.User => "user",
        SessionKind.Admin => "admin",
        _ => "guest",
    };

    private sealed class Row
    {
        public long Id { get; init; }

        public string Kind { get; init; } = "";

        public long Subject { get; init; }

        public string Device { get; init; } = "";

        public long CreateTime { get; init; }

        public long UsedAt { get; init; }

        public long ExpiresAt { get; init; }

        public long Now { get; init; }

        public long? Status { get; init; }

        public string Name { get; init; } = "";

        public SessionInfo ToInfo() => new(
            Id, Kind switch { "user" => SessionKind.User, "admin" => SessionKind.Admin, _ => SessionKind.Guest }, Subject, Device,
            DateTimeOffset.FromUnixTimeMilliseconds(CreateTime), DateTimeOffset.FromUnixTimeMilliseconds(UsedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt));

        public Caller ToCaller()
        {
            var session = ToInfo();
            var caller = session.Kind switch
            {
                SessionKind.User => Caller.User(Subject, Name),
                SessionKind.Admin => Caller.Account(Name),
                _ => Caller.Guest(Device),
            };
            return caller with { Session = session };
        }
    }
}
