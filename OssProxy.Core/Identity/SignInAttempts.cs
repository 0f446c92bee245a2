using Microsoft.Extensions.Options;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>What became of an attempt before its password was looked at.</summary>
/// <param name="Wait">How long none will be looked at; null when this one may be.</param>
/// <param name="IsLast">Whether the next one will not be looked at, should this one fail.</param>
public readonly record struct AttemptOutcome(TimeSpan? Wait, bool IsLast);

/// <summary>
/// Counts attempts to sign in, before the password is looked at: whoever guesses on several connections and nodes at once has no more looked at
/// than whoever guesses one after the other. Two counts stop an attempt. That of name and address, <see cref="AuthOptions.LockoutFailures"/>,
/// stops the usual attacker and nobody else. That of the name alone, <see cref="NameFactor"/> times as many, stops those who have many
/// addresses, and so keeps the owner out as well: whoever wants that needs ten addresses and has to go on with all of them. Names that nobody
/// has are counted like any other, or a lock would tell which exist. A count is forgotten <see cref="AuthOptions.LockoutDuration"/> after the
/// last attempt that was let through; those that were not do not prolong it.
/// </summary>
public sealed class SignInAttempts
{
    /// <summary>How many times as many attempts a name has from all addresses together as from one.</summary>
    public const int NameFactor = 10;

    // No address that is counted looks like this.
    private const string Everywhere = "*";

    // The update meets no row where too many have been counted, and then nothing is returned. The row's lock keeps attempts apart.
    private const string Count = """
        INSERT INTO sign_in_attempt (name, address, failures, expires_at) VALUES (@Name, @Address, 1, {now} + @Duration)
        ON CONFLICT (name, address) DO UPDATE SET
            failures = CASE WHEN sign_in_attempt.expires_at <= {now} THEN 1 ELSE sign_in_attempt.failures + 1 END,
            expires_at = {now} + @Duration
        WHERE sign_in_attempt.failures < @Most OR sign_in_attempt.expires_at <= {now}
        RETURNING failures
        """;

    private const string Wait = "SELECT expires_at - {now} FROM sign_in_attempt WHERE name = @Name AND address = @Address";

    private const string Remove = "DELETE FROM sign_in_attempt WHERE name = @Name AND address = @Address RETURNING failures";

    private const string GiveBack = """
        UPDATE sign_in_attempt SET failures = CASE WHEN failures > @Failures THEN failures - @Failures ELSE 0 END
        WHERE name = @Name AND address = @Address
        """;

    private readonly RecordsDatabase _database;
    private readonly AuthOptions _options;
    private readonly DatabaseClock _clock;
    private readonly string _count;
    private readonly string _wait;

    internal SignInAttempts(RecordsDatabase database, IOptions<AuthOptions> options, TimeProvider time)
    {
        _database = database;
        _options = options.Value;
        _clock = new DatabaseClock(database.Dialect, time);
        (_count, _wait) = (_clock.Tell(Count), _clock.Tell(Wait));
    }

    /// <summary>Counts an attempt as failed until <see cref="ForgetAsync"/> says otherwise.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public Task<AttemptOutcome> ReserveAsync(PlainName name, string address, CancellationToken cancellationToken) => _database.WriteAsync(
        WriteScope.Transaction,
        async session =>
        {
            var (most, mostOfName) = ((long)_options.LockoutFailures, (long)_options.LockoutFailures * NameFactor);
            var here = await CountAsync(session, name, address, most);
            if (here == 0)
                return new AttemptOutcome(await WaitAsync(session, name, address), IsLast: false);

            var everywhere = await CountAsync(session, name, Everywhere, mostOfName);
            if (everywhere > 0)
                return new AttemptOutcome(null, IsLast: here == most || everywhere == mostOfName);
            await session.ExecuteAsync(GiveBack, new { Name = Hash(name), Address = address, Failures = 1L });
            return new AttemptOutcome(await WaitAsync(session, name, Everywhere), IsLast: false);
        },
        cancellationToken);

    /// <summary>The password was right: what the name has failed from this address counts no more, for the name neither.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public Task ForgetAsync(PlainName name, string address, CancellationToken cancellationToken) => _database.WriteAsync(
        WriteScope.Transaction,
        async session =>
        {
            var failures = await session.ScalarAsync<long>(Remove, new { Name = Hash(name), Address = address });
            return await session.ExecuteAsync(GiveBack, new { Name = Hash(name), Address = Everywhere, Failures = failures });
        },
        cancellationToken);

    // What is typed as a name may be a password. The hash tells names apart, which is all that is asked of it.
    private static string Hash(PlainName name) => new Secret(name.Key).Hash();

    private Task<long> CountAsync(RecordsSession session, PlainName name, string address, long most) => session.ScalarAsync<long>(
        _count,
        new { Name = Hash(name), Address = address, Most = most, Duration = (long)_options.LockoutDuration.TotalMilliseconds, _clock.Now });

    private async Task<TimeSpan> WaitAsync(RecordsSession session, PlainName name, string address) => TimeSpan.FromMilliseconds(
        await session.ScalarAsync<long>(_wait, new { Name = Hash(name), Address = address, _clock.Now }));
}
