using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>A person who may sign in to the consoles.</summary>
public sealed record Account(long Id, string Name, bool IsEnabled, DateTimeOffset CreatedAt);

/// <summary>
/// The accounts of the consoles. No two have names that differ in the case of ASCII letters alone. Of a password the database has the salted
/// hash that whoever calls has made of it. Whatever takes a right away ends the account's sessions with it: at once on this node, within
/// <see cref="CallerCache.Lifetime"/> on others.
/// </summary>
public sealed class Accounts
{
    private const string Columns = "id, name, password, status, create_time AS CreateTime";

    private const string Create = """
        INSERT INTO account (name, name_key, password, create_time, update_time) VALUES (@Name, @Key, @Hash, {now}, {now})
        ON CONFLICT (name_key) DO NOTHING RETURNING id
        """;

    private const string All = $"SELECT {Columns} FROM account ORDER BY name_key";

    private const string Find = $"SELECT {Columns} FROM account WHERE name_key = @Key";

    private const string Change = "UPDATE account SET password = @Hash, update_time = {now} WHERE id = @Id";

    // Not over a password that was changed since it was looked at.
    private const string Rehash = "UPDATE account SET password = @Hash WHERE id = @Id AND password = @Old";

    private const string Enable = "UPDATE account SET status = @Status, update_time = {now} WHERE id = @Id AND status <> @Status";

    private const string Delete = "DELETE FROM account WHERE id = @Id";

    private readonly RecordsDatabase _database;
    private readonly Sessions _sessions;
    private readonly DatabaseClock _clock;
    private readonly string _create;
    private readonly string _change;
    private readonly string _enable;

    internal Accounts(RecordsDatabase database, Sessions sessions, TimeProvider time)
    {
        _database = database;
        _sessions = sessions;
        _clock = new DatabaseClock(database.Dialect, time);
        (_create, _change, _enable) = (_clock.Tell(Create), _clock.Tell(Change), _clock.Tell(Enable));
    }

    /// <summary>Makes an account and returns its number; null when the name is taken.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<long?> CreateAsync(PlainName name, Secret hash, CancellationToken cancellationToken)
    {
        var values = new { Name = name.Text, name.Key, Hash = hash.Reveal(), _clock.Now };
        var id = await _database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(_create, values), cancellationToken);
        return id > 0 ? id : null;
    }

    /// <summary>Every account, by name.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<IReadOnlyList<Account>> ListAsync(CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(session => session.QueryAsync<Row>(All), cancellationToken);
        return [.. rows.Select(row => row.ToAccount())];
    }

    /// <summary>An account and the hash of its password; null when there is none of the name.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<(Account Account, Secret Hash)?> FindAsync(PlainName name, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(session => session.QueryAsync<Row>(Find, new { name.Key }), cancellationToken);
        return rows is [var row] ? (row.ToAccount(), new Secret(row.Password)) : null;
    }

    /// <summary>Sets another password and ends every session that the old one has begun; false when there is no such account.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public Task<bool> SetPasswordAsync(long id, Secret hash, CancellationToken cancellationToken) =>
        _sessions.EndWithAsync(_change, new { Id = id, Hash = hash.Reveal(), _clock.Now }, SessionKind.Admin, id, cancellationToken);

    /// <summary>Keeps a better hash of the same password; false where it was changed meanwhile.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public Task<bool> RehashAsync(long id, Secret old, Secret hash, CancellationToken cancellationToken) =>
        WriteAsync(Rehash, new { Id = id, Old = old.Reveal(), Hash = hash.Reveal() }, cancellationToken);

    /// <summary>Lets an account sign in again; false when there is none, or it may already.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public Task<bool> EnableAsync(long id, CancellationToken cancellationToken) =>
        WriteAsync(_enable, new { Id = id, Status = 1, _clock.Now }, cancellationToken);

    /// <summary>Keeps an account from signing in and ends its sessions; false when there is none, or it may not already.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public Task<bool> DisableAsync(long id, CancellationToken cancellationToken) =>
        _sessions.EndWithAsync(_enable, new { Id = id, Status = 0, _clock.Now }, SessionKind.Admin, id, cancellationToken);

    /// <summary>Removes an account with its sessions; false when there is none. Its number is not given again.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken) =>
        _sessions.EndWithAsync(Delete, new { Id = id }, SessionKind.Admin, id, cancellationToken);

    private async Task<bool> WriteAsync(string sql, object values, CancellationToken cancellationToken) =>
        await _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql, values), cancellationToken) > 0;

    private sealed class Row
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";

        public string Password { get; init; } = "";

        public long Status { get; init; }

        public long CreateTime { get; init; }

        public Account ToAccount() => new(Id, Name, Status == 1, DateTimeOffset.FromUnixTimeMilliseconds(CreateTime));
    }
}
