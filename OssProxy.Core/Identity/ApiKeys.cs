using System.Collections.Frozen;
using System.Globalization;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>A key as it is listed.</summary>
/// <param name="UsedAt">Within an hour; null for never.</param>
/// <param name="RevokedAt">Null while it is good.</param>
public sealed record ApiKey(
    long Id, string Name, KeyScope Scope, DateTimeOffset CreatedAt, DateTimeOffset? UsedAt, DateTimeOffset? RevokedAt);

/// <summary>
/// Keys for machines: 256 random bits, told once and kept as their SHA-256. They have no end but revocation, which holds at once on this node
/// and within <see cref="CallerCache.Lifetime"/> on others.
/// </summary>
public sealed class ApiKeys
{
    /// <summary>Longest name, in characters.</summary>
    public const int LongestName = 64;

    private const string Columns =
        "id, name, rights, classes, create_time AS CreateTime, used_at AS UsedAt, revoked_at AS RevokedAt";

    private const string Look = $$"""SELECT {{Columns}}, {now} AS Now FROM api_key WHERE token_hash = @Hash""";

    private const string All = $"SELECT {Columns} FROM api_key ORDER BY id";

    private const string Create = """
        INSERT INTO api_key (name, token_hash, rights, classes, create_time) VALUES (@Name, @Hash, @Rights, @Classes, {now}) RETURNING id
        """;

    private const string Touch = "UPDATE api_key SET used_at = {now} WHERE id = @Id";

    private const string Revoke = "UPDATE api_key SET revoked_at = {now} WHERE id = @Id AND revoked_at IS NULL";

    private static readonly TimeSpan TouchEvery = TimeSpan.FromHours(1);

    private readonly RecordsDatabase _database;
    private readonly CallerCache _cache;
    private readonly DatabaseClock _clock;
    private readonly TimeProvider _time;
    private readonly string _look;
    private readonly string _create;
    private readonly string _touch;
    private readonly string _revoke;

    internal ApiKeys(RecordsDatabase database, CallerCache cache, TimeProvider time)
    {
        _database = database;
        _cache = cache;
        _time = time;
        _clock = new DatabaseClock(database.Dialect, time);
        (_look, _create, _touch, _revoke) = (_clock.Tell(Look), _clock.Tell(Create), _clock.Tell(Touch), _clock.Tell(Revoke));
    }

    /// <summary>How a right is called where keys are made.</summary>
    public static IReadOnlyDictionary<string, KeyRight> Rights { get; } = new Dictionary<string, KeyRight>(StringComparer.Ordinal)
    {
        ["upload"] = KeyRight.Upload,
        ["admin:read"] = KeyRight.AdminRead,
        ["admin"] = KeyRight.Admin,
    };

    /// <summary>Makes a key. The token cannot be had again.</summary>
    /// <param name="classes">Only with <see cref="KeyRight.Upload"/> alone: a console's routes reach every class.</param>
    /// <exception cref="ArgumentException">There is no right, or classes are named beside another right.</exception>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<(long Id, Secret Token)> CreateAsync(
        string name, IReadOnlyCollection<KeyRight> rights, IReadOnlyCollection<long> classes, CancellationToken cancellationToken)
    {
        if (rights.Count == 0 || (classes.Count > 0 && rights.Any(right => right != KeyRight.Upload)))
            throw new ArgumentException("A key has rights, and classes only where it may do nothing but upload.", nameof(rights));

        var token = TokenShape.New(TokenShape.ApiKey);
        var values = new
        {
            Name = name,
            Hash = token.Hash(),
            Rights = string.Join(',', Rights.Where(right => rights.Contains(right.Value)).Select(right => right.Key)),
            Classes = string.Join(',', classes.Distinct().Order().Select(id => id.ToString(CultureInfo.InvariantCulture))),
            _clock.Now,
        };
        var id = await _database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(_create, values), cancellationToken);
        return (id, token);
    }

    /// <summary>Every key there ever was.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(session => session.QueryAsync<Row>(All), cancellationToken);
        return [.. rows.Select(row => row.ToKey())];
    }

    /// <summary>Revokes a key; false when there is none, or it is revoked already.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<bool> RevokeAsync(long id, CancellationToken cancellationToken)
    {
        var revoked = await _database.WriteAsync(
            WriteScope.Statement, session => session.ExecuteAsync(_revoke, new { Id = id, _clock.Now }), cancellationToken);
        _cache.Clear();
        return revoked > 0;
    }

    /// <summary>Whose key it is.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TokenInvalid"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<Caller> FindAsync(Secret token, CancellationToken cancellationToken)
    {
        var hash = token.Hash();
        if (_cache.Find(hash) is { } known)
            return known;

        var (generation, asked) = (_cache.Generation, _time.GetTimestamp());
        var rows = await _database.ReadAsync(session => session.QueryAsync<Row>(_look, new { Hash = hash, _clock.Now }), cancellationToken);
        if (rows is not [{ RevokedAt: null } row])
            throw new IdentityException(IdentityError.TokenInvalid, rows.Count == 0 ? "There is no such API key." : "The API key is revoked.");

        if (row.Now - (row.UsedAt ?? 0) > TouchEvery.TotalMilliseconds)
        {
            await _database.WriteAsync(
                WriteScope.Statement, session => session.ExecuteAsync(_touch, new { row.Id, _clock.Now }), cancellationToken);
        }

        var caller = new Caller(CallerKind.Machine, string.Create(CultureInfo.InvariantCulture, $"key:{row.Id}"), row.Name)
        {
            Scope = row.ToScope(),
        };
        _cache.Keep(hash, caller, generation, asked);
        return caller;
    }

    private sealed class Row
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";

        public string Rights { get; init; } = "";

        public string Classes { get; init; } = "";

        public long CreateTime { get; init; }

        public long? UsedAt { get; init; }

        public long? RevokedAt { get; init; }

        public long Now { get; init; }

        public KeyScope ToScope() => new(
            Id,
            Parts(Rights).Select(right => ApiKeys.Rights[right]).ToFrozenSet(),
            Parts(Classes).Select(id => long.Parse(id, CultureInfo.InvariantCulture)).ToFrozenSet());

        public ApiKey ToKey() => new(
            Id, Name, ToScope(), DateTimeOffset.FromUnixTimeMilliseconds(CreateTime), Time(UsedAt), Time(RevokedAt));

        private static string[] Parts(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);

        private static DateTimeOffset? Time(long? value) => value is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;
    }
}
