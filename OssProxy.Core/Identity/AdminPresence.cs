using Microsoft.Extensions.Options;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>Whether a deployment has anybody who may be an admin, so that one which has nobody says so instead of asking for a token that
/// cannot be had.</summary>
/// <param name="database">Null where no records are kept.</param>
public sealed class AdminPresence(IOptions<AuthOptions> options, RecordsDatabase? database = null)
{
    private const string Any = """
        SELECT (SELECT count(*) FROM account WHERE status = 1)
            + (SELECT count(*) FROM api_key WHERE revoked_at IS NULL AND rights LIKE '%admin%')
        """;

    private volatile bool _isThere;

    /// <summary>Costs a read of two small tables until there is somebody, nothing from then on.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async ValueTask<bool> IsThereAnyAsync(CancellationToken cancellationToken)
    {
        var auth = options.Value;
        if (_isThere || !auth.AdminKey.IsEmpty || auth.Jwt.AdminRoles.Length > 0)
            return true;
        if (database is not null)
            _isThere = await database.ReadAsync(session => session.ScalarAsync<long>(Any), cancellationToken) > 0;
        return _isThere;
    }
}
