using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>
/// The users of mini-programs. A user is known by provider, app and open id, and in further apps of one provider by the union id that goes
/// with it: an identity that is new and whose union id is known belongs to that user. Two users who both exist already are never made one,
/// because each has files of their own. First sign-ins that come at once, on whatever node, make one user: the tables' keys decide, and who
/// loses takes back what it made. A sign-in that brings nothing new costs one read.
/// </summary>
public sealed class AppUsers
{
    private const string Columns = "u.id, u.name, u.status, u.create_time AS CreateTime";

    // With whether there is a union id to be kept that nobody has kept yet.
    private const string Known = $"""
        SELECT {Columns},
            CASE WHEN @UnionId = '' OR EXISTS (SELECT 1 FROM user_union n WHERE n.provider = @Provider AND n.union_id = @UnionId)
                THEN 0 ELSE 1 END AS IsUnionNew
        FROM user_identity i JOIN app_user u ON u.id = i.user_id
        WHERE i.provider = @Provider AND i.app = @AppId AND i.open_id = @OpenId
        """;

    private const string One = $"SELECT {Columns}, 0 AS IsUnionNew FROM app_user u WHERE u.id = @Id";

    private const string Page = $"SELECT {Columns}, 0 AS IsUnionNew FROM app_user u ORDER BY u.id DESC LIMIT @Limit OFFSET @Skip";

    private const string ProvidersOf = "SELECT DISTINCT user_id AS UserId, provider AS Provider FROM user_identity WHERE user_id = @Id";

    private const string ProvidersOfPage = """
        SELECT DISTINCT user_id AS UserId, provider AS Provider FROM user_identity
        WHERE user_id IN (SELECT id FROM app_user ORDER BY id DESC LIMIT @Limit OFFSET @Skip)
        """;

    private const string ByIdentity = "SELECT user_id FROM user_identity WHERE provider = @Provider AND app = @AppId AND open_id = @OpenId";

    private const string ByUnion = "SELECT user_id FROM user_union WHERE provider = @Provider AND union_id = @UnionId";

    private const string NewUser = "INSERT INTO app_user (create_time) VALUES ({now}) RETURNING id";

    private const string NewUnion = """
        INSERT INTO user_union (provider, union_id, user_id) VALUES (@Provider, @UnionId, @UserId) ON CONFLICT DO NOTHING
        """;

    private const string NewIdentity = """
        INSERT INTO user_identity (provider, app, open_id, user_id, create_time) VALUES (@Provider, @AppId, @OpenId, @UserId, {now})
        ON CONFLICT DO NOTHING
        """;

    private const string MoveUnions = "UPDATE user_union SET user_id = @UserId WHERE provider = @Provider AND union_id = @UnionId";

    private const string DropUser = "DELETE FROM app_user WHERE id = @Id";

    private const string ChangeStatus = "UPDATE app_user SET status = @Status WHERE id = @Id AND status <> @Status";

    private readonly RecordsDatabase _database;
    private readonly Sessions _sessions;
    private readonly DatabaseClock _clock;
    private readonly string _newUser;
    private readonly string _newIdentity;

    internal AppUsers(RecordsDatabase database, Sessions sessions, TimeProvider time)
    {
        _database = database;
        _sessions = sessions;
        _clock = new DatabaseClock(database.Dialect, time);
        (_newUser, _newIdentity) = (_clock.Tell(NewUser), _clock.Tell(NewIdentity));
    }

    /// <summary>Whom a provider has vouched for; somebody new becomes a user.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.UserDisabled"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<AppUser> SignInAsync(MiniappIdentity identity, CancellationToken cancellationToken)
    {
        var row = await LookAsync(identity, cancellationToken);
        if (row is null or { IsUnionNew: not 0 })
        {
            await _database.WriteAsync(WriteScope.Transaction, session => RegisterAsync(session, identity), cancellationToken);
            row = await LookAsync(identity, cancellationToken);
        }

        return row is { Status: 1 }
            ? row.ToUser([identity.Provider])
            : throw new IdentityException(IdentityError.UserDisabled, $"User {row?.Id} is disabled or gone.");
    }

    /// <summary>One page, the newest first, and how many users there are in all.</summary>
    /// <param name="page">From 1.</param>
    /// <param name="limit">How many a page has.</param>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public Task<(IReadOnlyList<AppUser> Users, long Total)> ListAsync(int page, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            async session =>
            {
                var values = new { Limit = (long)limit, Skip = (page - 1L) * limit };
                var total = await session.ScalarAsync<long>("SELECT count(*) FROM app_user");
                var rows = await session.QueryAsync<Row>(Page, values);
                return (WithProviders(rows, await session.QueryAsync<Link>(ProvidersOfPage, values)), total);
            },
            cancellationToken);

    /// <summary>A user; null when there is none.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public Task<AppUser?> FindAsync(long id, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            async session =>
            {
                var rows = await session.QueryAsync<Row>(One, new { Id = id });
                return WithProviders(rows, await session.QueryAsync<Link>(ProvidersOf, new { Id = id })).SingleOrDefault();
            },
            cancellationToken);

    /// <summary>Disables a user or enables one again, ends the user's sessions when that changes something, and returns whether it did.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.UserNotFound"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<bool> SetStatusAsync(long id, bool enabled, CancellationToken cancellationToken)
    {
        var values = new { Id = id, Status = enabled ? 1L : 0L };
        if (await _sessions.EndWithAsync(ChangeStatus, values, SessionKind.User, id, cancellationToken))
            return true;
        return await FindAsync(id, cancellationToken) is null
            ? throw new IdentityException(IdentityError.UserNotFound, $"There is no user {id}.")
            : false;
    }

    // Unions before identities, always: two that did it the other way round would wait for each other.
    private async Task<long> RegisterAsync(RecordsSession session, MiniappIdentity identity)
    {
        var key = new { identity.Provider, identity.AppId, identity.OpenId };
        var union = new { identity.Provider, UnionId = identity.UnionId ?? "" };
        var hasUnion = union.UnionId.Length > 0;
        var known = await session.ScalarAsync<long>(ByIdentity, key);
        if (known == 0 && hasUnion)
            known = await session.ScalarAsync<long>(ByUnion, union);
        var made = known == 0 ? await session.ScalarAsync<long>(_newUser, new { _clock.Now }) : 0;
        var user = known == 0 ? made : known;

        // Nothing inserted means that another has inserted it, and has committed: from now on it can be read.
        var isUnionOurs = hasUnion
            && await session.ExecuteAsync(NewUnion, new { union.Provider, union.UnionId, UserId = user }) > 0;
        if (made > 0 && hasUnion && !isUnionOurs)
            user = await session.ScalarAsync<long>(ByUnion, union);
        if (await session.ExecuteAsync(_newIdentity, new { key.Provider, key.AppId, key.OpenId, UserId = user, _clock.Now }) == 0)
            user = await session.ScalarAsync<long>(ByIdentity, key);
        if (made > 0 && user != made)
        {
            if (isUnionOurs)
                await session.ExecuteAsync(MoveUnions, new { union.Provider, union.UnionId, UserId = user });
            await session.ExecuteAsync(DropUser, new { Id = made });
        }

        return user;
    }

    private async Task<Row?> LookAsync(MiniappIdentity identity, CancellationToken cancellationToken)
    {
        var values = new { identity.Provider, identity.AppId, identity.OpenId, UnionId = identity.UnionId ?? "" };
        var rows = await _database.ReadAsync(session => session.QueryAsync<Row>(Known, values), cancellationToken);
        return rows is [var row] ? row : null;
    }

    private static IReadOnlyList<AppUser> WithProviders(IReadOnlyList<Row> rows, IReadOnlyList<Link> links)
    {
        var providers = links.ToLookup(link => link.UserId, link => link.Provider);
        return [.. rows.Select(row => row.ToUser([.. providers[row.Id].Order(StringComparer.Ordinal)]))];
    }

    private sealed class Row
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";

        public long Status { get; init; }

        public long CreateTime { get; init; }

        public long IsUnionNew { get; init; }

        public AppUser ToUser(IReadOnlyList<string> providers) =>
            new(Id, Name, Status != 1, DateTimeOffset.FromUnixTimeMilliseconds(CreateTime), providers);
    }

    private sealed class Link
    {
        public long UserId { get; init; }

        public string Provider { get; init; } = "";
    }
}
